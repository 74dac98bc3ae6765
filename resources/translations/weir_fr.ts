<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>Keys are kept in this computer’s keyring.</source>
        <translation>Les clés sont conservées dans le trousseau de cet ordinateur.</translation>
    </message>
    <message>
        <source>Keys are kept in {keyring}, under the name “weir”. They are in no file of Weir’s and in no log.</source>
        <translation>Les clés sont conservées dans {keyring}, sous le nom « weir ». Elles ne figurent dans aucun fichier de Weir ni dans aucun journal.</translation>
    </message>
    <message>
        <source>SmolLM2 135M Instruct, the demo model</source>
        <translation>SmolLM2 135M Instruct, le modèle de démonstration</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use, so keys are not stored. A key you enter is kept in memory and forgotten when Weir ends; one in an environment variable is used from there.</source>
        <translation>Cet ordinateur n’a pas de trousseau que Weir puisse utiliser ; les clés ne sont donc pas enregistrées. Une clé saisie reste en mémoire et est oubliée à la fermeture de Weir ; une clé placée dans une variable d’environnement y est lue.</translation>
    </message>
    <message>
        <source>the prices of genai-prices</source>
        <translation>les prix de genai-prices</translation>
    </message>
    <message>
        <source>ziamath, ziafont, latex2mathml, with the font STIX Two Math</source>
        <translation>ziamath, ziafont, latex2mathml, avec la police STIX Two Math</translation>
    </message>
</context>
<context>
    <name>AboutPage</name>
    <message>
        <source>About</source>
        <translation>À propos</translation>
    </message>
    <message>
        <source>Conversations are in a database on this computer. What you send goes to the endpoint you chose and to nobody else. Weir has no account and no statistics, and asks nobody for updates unless you say so.</source>
        <translation>Les conversations sont dans une base de données sur cet ordinateur. Ce que vous envoyez va au point d’accès choisi et à personne d’autre. Weir n’a ni compte ni statistiques et ne cherche aucune mise à jour sans votre accord.</translation>
    </message>
    <message>
        <source>Made of</source>
        <extracomment>Over a list of what Weir is made of, and the licences</extracomment>
        <translation>Composants</translation>
    </message>
    <message>
        <source>Weir itself is under the MIT License.</source>
        <translation>Weir lui-même est sous licence MIT.</translation>
    </message>
    <message>
        <source>Your data</source>
        <translation>Vos données</translation>
    </message>
    <message>
        <source>Your keys</source>
        <translation>Vos clés</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Archive the conversation</source>
        <translation>Archiver la conversation</translation>
    </message>
    <message>
        <source>Attach files…</source>
        <translation>Joindre des fichiers…</translation>
    </message>
    <message>
        <source>Cancel what takes long</source>
        <translation>Annuler les tâches longues</translation>
    </message>
    <message>
        <source>Change the last prompt</source>
        <translation>Modifier le dernier prompt</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>Choisir un modèle…</translation>
    </message>
    <message>
        <source>Colours like the system</source>
        <translation>Couleurs du système</translation>
    </message>
    <message>
        <source>Compare models…</source>
        <translation>Comparer des modèles…</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Conversation</translation>
    </message>
    <message>
        <source>Dark colours</source>
        <translation>Couleurs sombres</translation>
    </message>
    <message>
        <source>Delete the conversation</source>
        <translation>Supprimer la conversation</translation>
    </message>
    <message>
        <source>Delete the message that has the keyboard</source>
        <translation>Supprimer le message qui a le clavier</translation>
    </message>
    <message>
        <source>Delete what is chosen in the list</source>
        <translation>Supprimer la sélection de la liste</translation>
    </message>
    <message>
        <source>Do or open anything…</source>
        <translation>Faire ou ouvrir quelque chose…</translation>
    </message>
    <message>
        <source>Do what the newest notice offers, such as Undo</source>
        <translation>Accepter l’offre du dernier avis, comme Annuler</translation>
    </message>
    <message>
        <source>Find in the conversation…</source>
        <translation>Rechercher dans la conversation…</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Contraste élevé</translation>
    </message>
    <message>
        <source>Its next version</source>
        <translation>Version suivante du message</translation>
    </message>
    <message>
        <source>Its version before</source>
        <translation>Version précédente du message</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Raccourcis clavier</translation>
    </message>
    <message>
        <source>Keyboard to the next part of the window</source>
        <translation>Clavier vers la partie suivante de la fenêtre</translation>
    </message>
    <message>
        <source>Keyboard to the part before</source>
        <translation>Clavier vers la partie précédente</translation>
    </message>
    <message>
        <source>Larger text and controls</source>
        <translation>Agrandir le texte et les commandes</translation>
    </message>
    <message>
        <source>Light colours</source>
        <translation>Couleurs claires</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>Conversation suivante</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Résultat suivant</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>Taille normale</translation>
    </message>
    <message>
        <source>Open conversation {number}</source>
        <translation>Ouvrir la conversation {number}</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>Options de cette conversation</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>Épingler</translation>
    </message>
    <message>
        <source>Pin the conversation</source>
        <translation>Épingler la conversation</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>Conversation précédente</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>Résultat précédent</translation>
    </message>
    <message>
        <source>Program</source>
        <extracomment>A group of actions: those about Weir itself</extracomment>
        <translation>Programme</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Reading</source>
        <extracomment>A group of actions: those about reading a conversation</extracomment>
        <translation>Lecture</translation>
    </message>
    <message>
        <source>Rename in the list</source>
        <translation>Renommer dans la liste</translation>
    </message>
    <message>
        <source>Rename the conversation…</source>
        <translation>Renommer la conversation…</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>Réponses</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>Rechercher partout</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Réglages</translation>
    </message>
    <message>
        <source>Settings: About</source>
        <translation>Réglages : À propos</translation>
    </message>
    <message>
        <source>Settings: Appearance</source>
        <translation>Réglages : Apparence</translation>
    </message>
    <message>
        <source>Settings: Data</source>
        <translation>Réglages : Données</translation>
    </message>
    <message>
        <source>Settings: Endpoints</source>
        <translation>Réglages : Points d’accès</translation>
    </message>
    <message>
        <source>Settings: Keyboard</source>
        <translation>Réglages : Clavier</translation>
    </message>
    <message>
        <source>Settings: Network</source>
        <translation>Réglages : Réseau</translation>
    </message>
    <message>
        <source>Settings: On this computer</source>
        <translation>Réglages : Sur cet ordinateur</translation>
    </message>
    <message>
        <source>Settings: Personas</source>
        <translation>Réglages : Personas</translation>
    </message>
    <message>
        <source>Settings: Prompts</source>
        <translation>Réglages : Prompts</translation>
    </message>
    <message>
        <source>Shelf</source>
        <extracomment>A group of actions: those about the list of conversations</extracomment>
        <translation>Barre latérale</translation>
    </message>
    <message>
        <source>Show or hide the folders</source>
        <translation>Afficher ou masquer les dossiers</translation>
    </message>
    <message>
        <source>Show or hide the shelf</source>
        <translation>Afficher ou masquer la barre latérale</translation>
    </message>
    <message>
        <source>Show or leave the archive</source>
        <translation>Afficher ou quitter les archives</translation>
    </message>
    <message>
        <source>Show or leave the bin</source>
        <translation>Afficher ou quitter la corbeille</translation>
    </message>
    <message>
        <source>Show the last replies side by side</source>
        <translation>Afficher les dernières réponses côte à côte</translation>
    </message>
    <message>
        <source>Smaller text and controls</source>
        <translation>Réduire le texte et les commandes</translation>
    </message>
    <message>
        <source>Stop the reply</source>
        <translation>Arrêter la réponse</translation>
    </message>
    <message>
        <source>Try the last reply again</source>
        <translation>Relancer la dernière réponse</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>Désépingler</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>Consommation</translation>
    </message>
    <message>
        <source>View</source>
        <extracomment>A group of actions: how the window looks</extracomment>
        <translation>Affichage</translation>
    </message>
    <message>
        <source>Write a prompt</source>
        <translation>Écrire un prompt</translation>
    </message>
    <message>
        <source>Writing</source>
        <extracomment>A group of actions: those about writing a prompt</extracomment>
        <translation>Écriture</translation>
    </message>
    <message>
        <source>colours theme motion titles</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>couleurs thème mouvement titres</translation>
    </message>
    <message>
        <source>compare</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>comparer</translation>
    </message>
    <message>
        <source>conversation bin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>conversation corbeille</translation>
    </message>
    <message>
        <source>cost tokens statistics</source>
        <translation>coût tokens statistiques</translation>
    </message>
    <message>
        <source>exit</source>
        <translation>quitter fermer</translation>
    </message>
    <message>
        <source>help keys</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>aide touches</translation>
    </message>
    <message>
        <source>import export backup archive</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>import export sauvegarde archive</translation>
    </message>
    <message>
        <source>import export stop</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>import export arrêter</translation>
    </message>
    <message>
        <source>local model GGUF</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>modèle local GGUF</translation>
    </message>
    <message>
        <source>preferences</source>
        <translation>préférences options</translation>
    </message>
    <message>
        <source>prompt</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>prompt</translation>
    </message>
    <message>
        <source>proxy certificates timeout</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>proxy certificats délai</translation>
    </message>
    <message>
        <source>regenerate</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>régénérer</translation>
    </message>
    <message>
        <source>services keys API</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>services clés API</translation>
    </message>
    <message>
        <source>shortcuts keys</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>raccourcis touches</translation>
    </message>
    <message>
        <source>side by side several</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>côte à côte plusieurs</translation>
    </message>
    <message>
        <source>sidebar</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>barre latérale volet</translation>
    </message>
    <message>
        <source>system prompt assistant role</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>prompt système assistant rôle</translation>
    </message>
    <message>
        <source>system prompt temperature reasoning</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>prompt système température raisonnement</translation>
    </message>
    <message>
        <source>templates snippets library slash</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>modèles extraits bibliothèque barre oblique</translation>
    </message>
    <message>
        <source>theme appearance</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>thème apparence</translation>
    </message>
    <message>
        <source>title</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>titre</translation>
    </message>
    <message>
        <source>unpin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>désépingler</translation>
    </message>
    <message>
        <source>version updates licences where files</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>version mises à jour licences où fichiers</translation>
    </message>
    <message>
        <source>zoom</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>zoom</translation>
    </message>
</context>
<context>
    <name>AppearancePage</name>
    <message>
        <source>Appearance</source>
        <translation>Apparence</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Couleurs</translation>
    </message>
    <message>
        <source>Dark</source>
        <comment>colours</comment>
        <translation>Sombre</translation>
    </message>
    <message>
        <source>Glide</source>
        <extracomment>A choice under Motion: what is shown glides to its place</extracomment>
        <translation>Glisser</translation>
    </message>
    <message>
        <source>Have a screen reader say the answer while it comes</source>
        <translation>Faire dire la réponse par un lecteur d’écran à mesure qu’elle arrive</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Contraste élevé</translation>
    </message>
    <message>
        <source>Keep the start of the answer at the top</source>
        <translation>Garder le début de la réponse en haut</translation>
    </message>
    <message>
        <source>Let the model write them</source>
        <translation>Laisser le modèle les écrire</translation>
    </message>
    <message>
        <source>Light</source>
        <comment>colours</comment>
        <translation>Clair</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Comme le système</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>Mouvement</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>Taille normale</translation>
    </message>
    <message>
        <source>Reduced: jump at once</source>
        <translation>Réduit : sauter aussitôt</translation>
    </message>
    <message>
        <source>Size of text and controls</source>
        <translation>Taille du texte et des commandes</translation>
    </message>
    <message>
        <source>The first question and its answer are then sent once more to the service that answered, which costs a few tokens. Without this the title is taken from the question.</source>
        <translation>La première question et sa réponse sont alors envoyées une fois de plus au service qui a répondu, ce qui coûte quelques tokens. Sinon, le titre est tiré de la question.</translation>
    </message>
    <message>
        <source>There are keys for this, too; Keyboard lists them.</source>
        <translation>Il y a aussi des touches pour cela ; elles figurent sous Clavier.</translation>
    </message>
    <message>
        <source>Titles of conversations</source>
        <translation>Titres des conversations</translation>
    </message>
    <message>
        <source>While a reply comes</source>
        <translation>Pendant qu’une réponse arrive</translation>
    </message>
    <message>
        <source>Without this the end is followed until you scroll up.</source>
        <translation>Sinon, la fin est suivie jusqu’à ce que vous remontiez.</translation>
    </message>
</context>
<context>
    <name>Archive</name>
    <message>
        <source>A conversation</source>
        <translation>Une conversation</translation>
    </message>
    <message>
        <source>A file</source>
        <translation>Un fichier</translation>
    </message>
    <message>
        <source>A file in the zip is damaged. Download the export again.</source>
        <translation>Un fichier de l’archive ZIP est endommagé. Téléchargez de nouveau l’export.</translation>
    </message>
    <message>
        <source>Call of {name}</source>
        <translation>Appel de {name}</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Conversation</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Conversations</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Échec</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>Fichier sans nom</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>Instructions</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>Interrompue</translation>
    </message>
    <message>
        <source>It has something in it that can’t be read.</source>
        <translation>Une partie est illisible.</translation>
    </message>
    <message>
        <source>It has too many messages.</source>
        <translation>Les messages sont trop nombreux.</translation>
    </message>
    <message>
        <source>It is a link, not a file.</source>
        <translation>C’est un lien, pas un fichier.</translation>
    </message>
    <message>
        <source>It is encrypted.</source>
        <translation>Le contenu est chiffré.</translation>
    </message>
    <message>
        <source>It is nested too deeply.</source>
        <translation>L’imbrication est trop profonde.</translation>
    </message>
    <message>
        <source>It is no conversation of a program that Weir knows.</source>
        <translation>Ce n’est pas une conversation d’un programme que Weir connaît.</translation>
    </message>
    <message>
        <source>It is no conversation.</source>
        <translation>Ce n’est pas une conversation.</translation>
    </message>
    <message>
        <source>It is not whole.</source>
        <translation>Le contenu n’est pas complet.</translation>
    </message>
    <message>
        <source>It is packed in a way that no export uses.</source>
        <translation>La compression n’est celle d’aucun export.</translation>
    </message>
    <message>
        <source>It is too large.</source>
        <translation>C’est trop volumineux.</translation>
    </message>
    <message>
        <source>It was written by a newer version of Weir. Install that version to read it.</source>
        <translation>Cela a été écrit par une version plus récente de Weir. Installez-la pour le lire.</translation>
    </message>
    <message>
        <source>It would grow too large when it is unpacked.</source>
        <translation>Ce serait trop volumineux une fois décompressé.</translation>
    </message>
    <message>
        <source>Its name leads out of the archive.</source>
        <translation>Le nom mène hors de l’archive.</translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation>Texte collé</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Image</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Réponse</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Arrêtée</translation>
    </message>
    <message>
        <source>The archive is too large to be an export.</source>
        <translation>L’archive est trop volumineuse pour être un export.</translation>
    </message>
    <message>
        <source>The file could not be read or written: {reason}.</source>
        <translation>Le fichier n’a pas pu être lu ou écrit : {reason}.</translation>
    </message>
    <message>
        <source>The file has a text in it that is too large to be one of a conversation.</source>
        <translation>Le fichier contient un texte trop long pour être celui d’une conversation.</translation>
    </message>
    <message>
        <source>The file has something in it that is not JSON.</source>
        <translation>Le fichier contient quelque chose qui n’est pas du JSON.</translation>
    </message>
    <message>
        <source>The file holds no conversations.</source>
        <translation>Le fichier ne contient aucune conversation.</translation>
    </message>
    <message>
        <source>The file in the archive is damaged.</source>
        <translation>Le fichier de l’archive est endommagé.</translation>
    </message>
    <message>
        <source>The file is not a whole zip file. Download it again.</source>
        <translation>Le fichier ZIP n’est pas complet. Téléchargez-le de nouveau.</translation>
    </message>
    <message>
        <source>The file is not whole, or it is not JSON.</source>
        <translation>Le fichier n’est pas complet, ou ce n’est pas du JSON.</translation>
    </message>
    <message>
        <source>The file is too large to come along.</source>
        <translation>Le fichier est trop volumineux pour être repris.</translation>
    </message>
    <message>
        <source>The folder has too many files to be an export.</source>
        <translation>Le dossier contient trop de fichiers pour être un export.</translation>
    </message>
    <message>
        <source>The zip file claims more than it holds. It was not read.</source>
        <translation>Le fichier ZIP annonce plus qu’il ne contient. Il n’a pas été lu.</translation>
    </message>
    <message>
        <source>The zip file has too many files to be an export.</source>
        <translation>Le fichier ZIP contient trop de fichiers pour être un export.</translation>
    </message>
    <message>
        <source>There are no conversations in this file that Weir knows. It reads the exports of ChatGPT, Claude, Open WebUI and LibreChat, and its own.</source>
        <translation>Ce fichier ne contient aucune conversation que Weir connaisse. Weir lit les exports de ChatGPT, Claude, Open WebUI et LibreChat, ainsi que les siens.</translation>
    </message>
    <message>
        <source>There is another file of the same name.</source>
        <translation>Il existe un autre fichier du même nom.</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>Ce fichier n’existe pas.</translation>
    </message>
    <message>
        <source>There is nothing here that makes PDF files.</source>
        <translation>Rien ici ne permet de créer des fichiers PDF.</translation>
    </message>
    <message>
        <source>There is nothing in it.</source>
        <translation>Il n’y a rien dedans.</translation>
    </message>
    <message>
        <source>There was nothing that could be exported.</source>
        <translation>Il n’y avait rien à exporter.</translation>
    </message>
    <message>
        <source>This can’t be written as pages.</source>
        <translation>Impossible de mettre ce contenu en pages.</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>Cette conversation n’existe plus.</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>Raisonnement</translation>
    </message>
    <message>
        <source>Weir made a mistake with this file. The log has the details.</source>
        <translation>Weir a commis une erreur avec ce fichier. Le journal donne les détails.</translation>
    </message>
    <message>
        <source>What {tool} said</source>
        <translation>Résultat de {tool}</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Vous</translation>
    </message>
    <message>
        <source>a tool</source>
        <translation>un outil</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>inconnu</translation>
    </message>
    <message>
        <source>{ending}: {failure}</source>
        <translation>{ending} : {failure}</translation>
    </message>
    <message>
        <source>{name} (too large to come along)</source>
        <translation>{name} (trop volumineux pour être repris)</translation>
    </message>
    <message>
        <source>{why} Nothing came in.</source>
        <translation>{why} Rien n’a été importé.</translation>
    </message>
</context>
<context>
    <name>Arrivals</name>
    <message>
        <source>a new reply</source>
        <translation>une nouvelle réponse</translation>
    </message>
    <message>
        <source>a reply is coming</source>
        <translation>une réponse arrive</translation>
    </message>
    <message>
        <source>the reply failed</source>
        <translation>la réponse a échoué</translation>
    </message>
</context>
<context>
    <name>Attachment</name>
    <message>
        <source>it can't be read</source>
        <translation>lecture impossible</translation>
    </message>
    <message>
        <source>“{name}” could not be read: {reason}.</source>
        <translation>« {name} » n’a pas pu être lu : {reason}.</translation>
    </message>
    <message>
        <source>“{name}” is a document that Weir can't read. Save it as PDF or as text first.</source>
        <translation>« {name} » est un document que Weir ne peut pas lire. Enregistrez-le d’abord en PDF ou en texte.</translation>
    </message>
    <message>
        <source>“{name}” is a folder. Attach the files in it.</source>
        <translation>« {name} » est un dossier. Joignez les fichiers qu’il contient.</translation>
    </message>
    <message>
        <source>“{name}” is damaged: it can't be read as a PDF.</source>
        <translation>« {name} » est endommagé : impossible de le lire comme PDF.</translation>
    </message>
    <message>
        <source>“{name}” is empty.</source>
        <translation>« {name} » est vide.</translation>
    </message>
    <message>
        <source>“{name}” is locked with a password. Save a copy without one.</source>
        <translation>« {name} » est protégé par un mot de passe. Enregistrez une copie sans mot de passe.</translation>
    </message>
    <message>
        <source>“{name}” is neither text, a PDF nor an image that Weir can send.</source>
        <translation>« {name} » n’est ni du texte, ni un PDF, ni une image que Weir puisse envoyer.</translation>
    </message>
    <message>
        <source>“{name}” is no ordinary file.</source>
        <translation>« {name} » n’est pas un fichier ordinaire.</translation>
    </message>
    <message numerus="yes">
        <source>“{name}” is too large to send ({size}). Files may have {most}, and texts %n letter(s).</source>
        <translation>
            <numerusform>« {name} » est trop volumineux pour être envoyé ({size}). La limite est de {most} pour les fichiers et de %n caractère pour les textes.</numerusform>
            <numerusform>« {name} » est trop volumineux pour être envoyé ({size}). La limite est de {most} pour les fichiers et de %n caractères pour les textes.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message numerus="yes">
        <source>A prompt takes %n attachment(s) at most.</source>
        <translation>
            <numerusform>Un prompt accepte %n pièce jointe au plus.</numerusform>
            <numerusform>Un prompt accepte %n pièces jointes au plus.</numerusform>
        </translation>
    </message>
    <message>
        <source>“{name}” could not be read.</source>
        <translation>« {name} » n’a pas pu être lu.</translation>
    </message>
</context>
<context>
    <name>BuiltIn</name>
    <message>
        <source>Answer an e-mail</source>
        <translation>Répondre à un e-mail</translation>
    </message>
    <message>
        <source>Brief</source>
        <translation>Concis</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>Relecteur</translation>
    </message>
    <message>
        <source>Explain simply</source>
        <translation>Expliquer simplement</translation>
    </message>
    <message>
        <source>Programmer</source>
        <translation>Programmeur</translation>
    </message>
    <message>
        <source>Proofread</source>
        <translation>Relire un texte</translation>
    </message>
    <message>
        <source>Review code</source>
        <translation>Réviser du code</translation>
    </message>
    <message>
        <source>Summarise</source>
        <translation>Résumer</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>Traduire</translation>
    </message>
    <message>
        <source>Tutor</source>
        <translation>Tuteur</translation>
    </message>
</context>
<context>
    <name>BusNotices</name>
    <message>
        <source>Open</source>
        <translation>Ouvrir</translation>
    </message>
</context>
<context>
    <name>CertificateField</name>
    <message>
        <source>All files (*)</source>
        <translation>Tous les fichiers (*)</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>Certificats (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Choisir…</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>Fichier de certificats</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Preview</source>
        <extracomment>What stands beside the name of a file, for those who do not see it</extracomment>
        <translation>Aperçu</translation>
    </message>
    <message>
        <source>Put the pasted text into the prompt</source>
        <translation>Mettre le texte collé dans le prompt</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Lecture…</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>Retirer {name}</translation>
    </message>
    <message>
        <source>Show</source>
        <comment>in the prompt</comment>
        <extracomment>On a button: put the pasted text into the prompt</extracomment>
        <translation>Insérer</translation>
    </message>
    <message>
        <source>{name}, being read</source>
        <translation>{name}, lecture en cours</translation>
    </message>
    <message numerus="yes">
        <source>{size}, ≈ %n token(s)</source>
        <extracomment>An attachment, and about how many tokens it is</extracomment>
        <translation>
            <numerusform>{size}, ≈ %n token</numerusform>
            <numerusform>{size}, ≈ %n tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Chips</name>
    <message>
        <source>Attachments</source>
        <translation>Pièces jointes</translation>
    </message>
</context>
<context>
    <name>CodeFile</name>
    <message>
        <source>Save code</source>
        <translation>Enregistrer le code</translation>
    </message>
    <message>
        <source>The file could not be written: {reason}.</source>
        <translation>Le fichier n’a pas pu être écrit : {reason}.</translation>
    </message>
</context>
<context>
    <name>Column</name>
    <message>
        <source>Continue with the reply of {model}</source>
        <translation>Continuer avec la réponse de {model}</translation>
    </message>
    <message>
        <source>Continue with this reply</source>
        <translation>Continuer avec cette réponse</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>Chiffres de la réponse</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Réponse</translation>
    </message>
    <message>
        <source>Reply of {model}</source>
        <translation>Réponse de {model}</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
    <message>
        <source>Stop {model}</source>
        <translation>Arrêter {model}</translation>
    </message>
    <message>
        <source>{model} ({number})</source>
        <extracomment>A model that is there more than once, and which of them it is</extracomment>
        <translation>{model} ({number})</translation>
    </message>
    <message>
        <source>{model}: reply ended</source>
        <translation>{model} : réponse interrompue</translation>
    </message>
    <message>
        <source>{model}: reply finished</source>
        <translation>{model} : réponse terminée</translation>
    </message>
</context>
<context>
    <name>Companion</name>
    <message>
        <source>Answers this prompt alone</source>
        <translation>Ne répond qu’à ce prompt</translation>
    </message>
    <message>
        <source>Enter takes it, Esc leaves the text</source>
        <translation>Entrée l’insère, Échap laisse le texte</translation>
    </message>
    <message>
        <source>Manage…</source>
        <translation>Gérer…</translation>
    </message>
    <message>
        <source>Not filled in yet: {names}. Send once more to send it as it is.</source>
        <translation>Pas encore rempli : {names}. Envoyez de nouveau pour l’envoyer tel quel.</translation>
    </message>
    <message>
        <source>Tab leads to the next place to fill in</source>
        <translation>Tab mène au champ suivant à remplir</translation>
    </message>
    <message>
        <source>“{name}”</source>
        <extracomment>A name in quotation marks</extracomment>
        <translation>« {name} »</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Back to the conversation</source>
        <translation>Retour à la conversation</translation>
    </message>
    <message>
        <source>Replies side by side</source>
        <translation>Réponses côte à côte</translation>
    </message>
</context>
<context>
    <name>ComposeDoor</name>
    <message>
        <source>/ for your prompts, @ for another model this once</source>
        <translation>/ pour vos prompts, @ pour un autre modèle cette fois</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Ask anything</source>
        <translation>Posez une question</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>Joindre des fichiers</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter breaks the line</source>
        <translation>Entrée envoie, Maj+Entrée va à la ligne</translation>
    </message>
    <message>
        <source>Esc stops all replies</source>
        <translation>Échap arrête toutes les réponses</translation>
    </message>
    <message>
        <source>Esc stops the reply</source>
        <translation>Échap arrête la réponse</translation>
    </message>
    <message>
        <source>Pasted image.png</source>
        <translation>Image collée.png</translation>
    </message>
    <message>
        <source>Pasted text.txt</source>
        <translation>Texte collé.txt</translation>
    </message>
    <message>
        <source>Reading the attachments…</source>
        <translation>Lecture des pièces jointes…</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>Envoyer</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translation>Tout arrêter</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Arrêt…</translation>
    </message>
    <message>
        <source>This waits here until the replies have ended.</source>
        <translation>Ce texte attend ici la fin des réponses.</translation>
    </message>
    <message>
        <source>This waits here until the reply has ended.</source>
        <translation>Ce texte attend ici la fin de la réponse.</translation>
    </message>
    <message>
        <source>Your earlier prompt. What was said after it stays, as another branch.</source>
        <translation>Votre prompt précédent. Ce qui a été dit ensuite reste, dans une autre branche.</translation>
    </message>
</context>
<context>
    <name>Context</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n word(s) so far. Your prompt follows.</source>
        <translation>
            <numerusform>%n mot pour l’instant. Votre prompt suit.</numerusform>
            <numerusform>%n mots pour l’instant. Votre prompt suit.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n token(s). How many the model can read at once is unknown.</source>
        <translation>
            <numerusform>Environ %n token. On ignore combien le modèle peut en lire à la fois.</numerusform>
            <numerusform>Environ %n tokens. On ignore combien le modèle peut en lire à la fois.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s).</source>
        <translation>
            <numerusform>Environ {taken} sur %n token.</numerusform>
            <numerusform>Environ {taken} sur %n tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s): that leaves too little room for a reply.</source>
        <translation>
            <numerusform>Environ {taken} sur %n token : il reste trop peu de place pour une réponse.</numerusform>
            <numerusform>Environ {taken} sur %n tokens : il reste trop peu de place pour une réponse.</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask me</source>
        <translation>Me demander</translation>
    </message>
    <message>
        <source>Change…</source>
        <extracomment>On a button: change what happens to long conversations</extracomment>
        <translation>Modifier…</translation>
    </message>
    <message>
        <source>Context window</source>
        <translation>Fenêtre de contexte</translation>
    </message>
    <message>
        <source>Context window, in tokens</source>
        <translation>Fenêtre de contexte, en tokens</translation>
    </message>
    <message numerus="yes">
        <source>It fits without the %n oldest message(s), up to “{last}”.</source>
        <translation>
            <numerusform>Cela tient sans le message le plus ancien (« {last} »).</numerusform>
            <numerusform>Cela tient sans les %n messages les plus anciens, jusqu’à « {last} ».</numerusform>
        </translation>
    </message>
    <message>
        <source>Leave out the oldest</source>
        <translation>Omettre les plus anciens</translation>
    </message>
    <message>
        <source>Leave them out</source>
        <translation>Les omettre</translation>
    </message>
    <message>
        <source>Nothing is left to leave out. Shorten what you write.</source>
        <translation>Il n’y a plus rien à omettre. Raccourcissez votre texte.</translation>
    </message>
    <message>
        <source>Nothing is sent until it is shorter.</source>
        <translation>Rien n’est envoyé tant que ce n’est pas plus court.</translation>
    </message>
    <message>
        <source>Send everything</source>
        <translation>Tout envoyer</translation>
    </message>
    <message>
        <source>Send nothing</source>
        <translation>Ne rien envoyer</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
    <message>
        <source>Summarise the oldest</source>
        <translation>Résumer les plus anciens</translation>
    </message>
    <message>
        <source>Summarise them</source>
        <extracomment>On a button: summarise the oldest messages</extracomment>
        <translation>Les résumer</translation>
    </message>
    <message>
        <source>The limit is from the list that comes with Weir.</source>
        <translation>La limite vient de la liste fournie avec Weir.</translation>
    </message>
    <message>
        <source>The limit is the one that the model is started with here.</source>
        <translation>La limite est celle avec laquelle le modèle est lancé ici.</translation>
    </message>
    <message>
        <source>The limit is the service’s own.</source>
        <translation>La limite est celle du service.</translation>
    </message>
    <message>
        <source>The limit was set by hand.</source>
        <translation>La limite a été fixée à la main.</translation>
    </message>
    <message numerus="yes">
        <source>The service refused this as too long: about %n token(s).</source>
        <translation>
            <numerusform>Le service a refusé l’envoi car trop long : environ %n token.</numerusform>
            <numerusform>Le service a refusé l’envoi car trop long : environ %n tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This does not fit any more: about {taken} of %n token(s).</source>
        <translation>
            <numerusform>Cela ne tient plus : environ {taken} sur %n token.</numerusform>
            <numerusform>Cela ne tient plus : environ {taken} sur %n tokens.</numerusform>
        </translation>
    </message>
    <message>
        <source>Until then it is as it was.</source>
        <translation>D’ici là, rien ne change.</translation>
    </message>
    <message>
        <source>What the service says</source>
        <translation>Selon le service</translation>
    </message>
    <message>
        <source>When it does not fit</source>
        <translation>Si cela ne tient pas</translation>
    </message>
    <message numerus="yes">
        <source>When you send, the %n oldest message(s), up to “{last}”, will no longer go with it.</source>
        <translation>
            <numerusform>Quand vous enverrez, le message le plus ancien (« {last} ») ne sera plus transmis.</numerusform>
            <numerusform>Quand vous enverrez, les %n messages les plus anciens, jusqu’à « {last} », ne seront plus transmis.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>When you send, the model first writes a summary of the %n oldest message(s), up to “{last}”: one more request.</source>
        <translation>
            <numerusform>Quand vous enverrez, le modèle résumera d’abord le message le plus ancien (« {last} ») : une requête de plus.</numerusform>
            <numerusform>Quand vous enverrez, le modèle résumera d’abord les %n messages les plus anciens, jusqu’à « {last} » : une requête de plus.</numerusform>
        </translation>
    </message>
    <message>
        <source>Your prompt follows.</source>
        <translation>Votre prompt suit.</translation>
    </message>
    <message numerus="yes">
        <source>{model} summarises %n message(s)…</source>
        <translation>
            <numerusform>{model} résume %n message…</numerusform>
            <numerusform>{model} résume %n messages…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConversationPage</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n modèle</numerusform>
            <numerusform>%n modèles</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>Posez une question</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
    <message>
        <source>Reply to {model}…</source>
        <translation>Répondre à {model}…</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>Répondre…</translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message>
        <source>A damaged history</source>
        <translation>Un historique endommagé</translation>
    </message>
    <message>
        <source>All conversations, without keys. The Weir archive keeps everything and can be read again; the other forms show the branch that is on screen, one file for each conversation in a zip.</source>
        <translation>Toutes les conversations, sans les clés. L’archive Weir garde tout et peut être relue ; les autres formats montrent la branche affichée, à raison d’un fichier par conversation dans une archive ZIP.</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>Récupérer</translation>
    </message>
    <message>
        <source>Bring conversations in</source>
        <translation>Importer des conversations</translation>
    </message>
    <message>
        <source>Bringing conversations back… {share}</source>
        <translation>Récupération des conversations… {share}</translation>
    </message>
    <message>
        <source>Bringing conversations in… {share}</source>
        <translation>Importation des conversations… {share}</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Données</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>Tout exporter…</translation>
    </message>
    <message>
        <source>Form of the export</source>
        <translation>Format de l’export</translation>
    </message>
    <message>
        <source>From the export of ChatGPT, Claude, Open WebUI or LibreChat, from a Weir archive, or from one of Weir’s backups. Branches, pictures and files come along where the export has them. What is here already is not changed, and bringing the same file in again adds nothing.</source>
        <translation>Depuis l’export de ChatGPT, Claude, Open WebUI ou LibreChat, depuis une archive Weir ou depuis l’une des sauvegardes de Weir. Les branches, images et fichiers suivent quand l’export les contient. Ce qui est déjà ici n’est pas modifié, et importer de nouveau le même fichier n’ajoute rien.</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importer…</translation>
    </message>
    <message>
        <source>Saving conversations… {share}</source>
        <translation>Enregistrement des conversations… {share}</translation>
    </message>
    <message>
        <source>Take conversations out</source>
        <translation>Exporter des conversations</translation>
    </message>
    <message>
        <source>The history was damaged. It is set aside whole as {name}. What the newest good backup has, and what can still be read of the damaged file, can be brought back.</source>
        <translation>L’historique était endommagé. Il est mis de côté en entier sous le nom {name}. Le contenu de la dernière bonne sauvegarde et ce qui reste lisible dans le fichier endommagé peuvent être récupérés.</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Choose a model first.</source>
        <translation>Choisissez d’abord un modèle.</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>Cette conversation n’existe plus.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>Lecture de vos points d’accès en cours. Envoyez de nouveau dans un instant.</translation>
    </message>
</context>
<context>
    <name>DesktopPage</name>
    <message>
        <source>Command for a quick question</source>
        <translation>Commande pour une question rapide</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copier</translation>
    </message>
    <message>
        <source>Desktop</source>
        <translation>Bureau</translation>
    </message>
    <message>
        <source>For replies that took longer than five seconds and came, or failed, while another program was in front. The notification names the conversation and the model; a click opens it.</source>
        <translation>Pour les réponses qui ont pris plus de cinq secondes et sont arrivées, ou ont échoué, pendant qu’un autre programme était au premier plan. La notification nomme la conversation et le modèle ; un clic l’ouvre.</translation>
    </message>
    <message>
        <source>Icon in the notification area</source>
        <translation>Icône dans la zone de notification</translation>
    </message>
    <message>
        <source>It may then be read on a locked screen.</source>
        <translation>Il peut alors être lu sur un écran verrouillé.</translation>
    </message>
    <message>
        <source>Its menu leads to the window, a quick question and a new conversation, and ends Weir.</source>
        <translation>Son menu mène à la fenêtre, à une question rapide et à une nouvelle conversation, et permet de quitter Weir.</translation>
    </message>
    <message>
        <source>Keep Weir running when its window is closed</source>
        <translation>Garder Weir en marche quand sa fenêtre est fermée</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modèle</translation>
    </message>
    <message>
        <source>Model for quick questions</source>
        <translation>Modèle pour les questions rapides</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <translation>Aucun</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Notifications</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>Persona</translation>
    </message>
    <message>
        <source>Persona for quick questions</source>
        <translation>Persona pour les questions rapides</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Question rapide</translation>
    </message>
    <message>
        <source>Show an icon of Weir</source>
        <translation>Afficher une icône de Weir</translation>
    </message>
    <message>
        <source>Show the beginning of the reply in it</source>
        <translation>Y afficher le début de la réponse</translation>
    </message>
    <message>
        <source>Tell me when a long reply is there</source>
        <translation>M’avertir quand une longue réponse est là</translation>
    </message>
    <message>
        <source>The one used last</source>
        <translation>Le dernier utilisé</translation>
    </message>
    <message>
        <source>There is no place for such icons at the moment.</source>
        <translation>Il n’y a pas de place pour ces icônes actuellement.</translation>
    </message>
    <message>
        <source>This command opens a small window for one question. Give it a key in your desktop’s keyboard settings; Weir itself hears no keys while another program is in front.</source>
        <translation>Cette commande ouvre une petite fenêtre pour une seule question. Attribuez-lui une touche dans les réglages de clavier de votre bureau ; Weir lui-même ne reçoit aucune touche quand un autre programme est au premier plan.</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment, and closing the window ends Weir as usual.</source>
        <translation>Ce bureau n’affiche pas ces icônes actuellement ; fermer la fenêtre quitte Weir comme d’habitude.</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment; some need an extension for them.</source>
        <translation>Ce bureau n’affiche pas ces icônes actuellement ; certains ont besoin d’une extension pour cela.</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Answer</source>
        <extracomment>A page of the stream’s window: the HTTP answer’s head</extracomment>
        <translation>Réponse</translation>
    </message>
    <message>
        <source>Findings</source>
        <extracomment>A page of the stream’s window: what is remarkable about the stream</extracomment>
        <translation>Constats</translation>
    </message>
    <message>
        <source>Record</source>
        <extracomment>A page of the stream’s window: one record of the stream</extracomment>
        <translation>Enregistrement</translation>
    </message>
    <message>
        <source>Request</source>
        <extracomment>A page of the stream’s window: the HTTP request that was sent</extracomment>
        <translation>Requête</translation>
    </message>
    <message>
        <source>The answer’s head</source>
        <translation>L’en-tête de la réponse</translation>
    </message>
    <message>
        <source>The request</source>
        <translation>La requête</translation>
    </message>
    <message>
        <source>{name} ({count})</source>
        <extracomment>A page, and how much there is on it</extracomment>
        <translation>{name} ({count})</translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message numerus="yes">
        <source>%n model(s) answer side by side.</source>
        <translation>
            <numerusform>%n modèle répond.</numerusform>
            <numerusform>%n modèles répondent côte à côte.</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a model above, then ask.</source>
        <translation>Choisissez un modèle ci-dessus, puis posez votre question.</translation>
    </message>
    <message>
        <source>The demo model answers here, offline. It is small, and often wrong.</source>
        <translation>Le modèle de démonstration répond ici, hors ligne. Il est petit et se trompe souvent.</translation>
    </message>
    <message>
        <source>What do you want to know?</source>
        <translation>Que voulez-vous savoir ?</translation>
    </message>
    <message>
        <source>{model} answers on this computer.</source>
        <translation>{model} répond sur cet ordinateur.</translation>
    </message>
    <message>
        <source>{model} at {endpoint} answers.</source>
        <translation>{model} chez {endpoint} répond.</translation>
    </message>
</context>
<context>
    <name>Ending</name>
    <message>
        <source>The length limit was reached before there was any text</source>
        <translation>La limite de longueur a été atteinte avant tout texte</translation>
    </message>
    <message>
        <source>The model asked for a tool; Weir has none to offer</source>
        <translation>Le modèle a demandé un outil ; Weir n’en a aucun à offrir</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>Le modèle a refusé de répondre</translation>
    </message>
    <message>
        <source>The reply reached its length limit</source>
        <translation>La réponse a atteint sa limite de longueur</translation>
    </message>
    <message>
        <source>The service ended the reply for a reason of its own</source>
        <translation>Le service a mis fin à la réponse pour une raison qui lui est propre</translation>
    </message>
    <message>
        <source>The service paused the reply</source>
        <translation>Le service a suspendu la réponse</translation>
    </message>
    <message>
        <source>The service’s content filter ended the reply</source>
        <translation>Le filtre de contenu du service a mis fin à la réponse</translation>
    </message>
</context>
<context>
    <name>EndpointEditor</name>
    <message>
        <source>A JSON object that goes with every request.</source>
        <translation>Un objet JSON joint à chaque requête.</translation>
    </message>
    <message>
        <source>A JSON object, sent as it is, with {{prompt}}, {{messages}}, {{system}}, {{model}} or {{conversation}} where they belong. Left empty, a form that most services take is sent.</source>
        <translation>Un objet JSON, envoyé tel quel, avec {{prompt}}, {{messages}}, {{system}}, {{model}} ou {{conversation}} à leur place. Si le champ est vide, une forme que la plupart des services acceptent est envoyée.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>Corps</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Extra body</source>
        <translation>Champs en plus</translation>
    </message>
    <message>
        <source>Extra body, as JSON</source>
        <translation>Champs en plus, en JSON</translation>
    </message>
    <message>
        <source>Goes into the keyring. Leave it empty where none is needed.</source>
        <translation>Va dans le trousseau. Laissez vide si aucune clé n’est nécessaire.</translation>
    </message>
    <message>
        <source>Goes into {keyring}. Leave it empty where none is needed.</source>
        <translation>Va dans {keyring}. Laissez vide si aucune clé n’est nécessaire.</translation>
    </message>
    <message>
        <source>Headers</source>
        <translation>En-têtes</translation>
    </message>
    <message>
        <source>Headers, one a line</source>
        <translation>En-têtes, un par ligne</translation>
    </message>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>Clé</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modèles</translation>
    </message>
    <message>
        <source>Models, one a line</source>
        <translation>Modèles, un par ligne</translation>
    </message>
    <message>
        <source>Most servers speak OpenAI Chat Completions.</source>
        <translation>La plupart des serveurs parlent OpenAI Chat Completions.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>New endpoint</source>
        <translation>Nouveau point d’accès</translation>
    </message>
    <message>
        <source>One a line, for services that do not list theirs.</source>
        <translation>Un par ligne, pour les services qui ne publient pas la liste des leurs.</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Collez une clé</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>Protocole</translation>
    </message>
    <message>
        <source>Remove</source>
        <extracomment>On a button: remove the key</extracomment>
        <translation>Retirer</translation>
    </message>
    <message>
        <source>Remove endpoint</source>
        <translation>Retirer le point d’accès</translation>
    </message>
    <message>
        <source>Replace</source>
        <extracomment>On a button: enter another key</extracomment>
        <translation>Remplacer</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Enregistrer</translation>
    </message>
    <message>
        <source>Sent with every request, and kept in a readable file. Write {key} where the key belongs, or {secret} as the whole value for a key of its own.</source>
        <translation>Joints à chaque requête, et conservés dans un fichier lisible. Écrivez {key} là où va la clé, ou {secret} comme valeur entière pour une clé à part.</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the endpoint works</extracomment>
        <translation>Tester</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use: a key is kept in memory for this run only.</source>
        <translation>Cet ordinateur n’a pas de trousseau que Weir puisse utiliser : une clé ne reste en mémoire que pour cette session.</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>Cette clé contient des caractères qu’aucune clé ne comporte.</translation>
    </message>
</context>
<context>
    <name>EndpointList</name>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add an endpoint</extracomment>
        <translation>Ajouter…</translation>
    </message>
    <message>
        <source>An endpoint is a service or a server that Weir can ask, with its address and its key.</source>
        <translation>Un point d’accès est un service ou un serveur que Weir peut interroger, avec son adresse et sa clé.</translation>
    </message>
    <message>
        <source>Another server or your own</source>
        <translation>Un autre serveur ou le vôtre</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Modifier</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>Modifier {name}</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>Points d’accès</translation>
    </message>
    <message>
        <source>Service to add</source>
        <translation>Service à ajouter</translation>
    </message>
    <message>
        <source>started by Weir, no address needed</source>
        <translation>lancé par Weir, sans adresse</translation>
    </message>
</context>
<context>
    <name>EndpointText</name>
    <message>
        <source>In a JSON pointer, write “~0” for “~” and “~1” for a “/” in a name.</source>
        <translation>Dans un pointeur JSON, écrivez « ~0 » pour « ~ » et « ~1 » pour « / » dans un nom.</translation>
    </message>
    <message>
        <source>Leave name and password out of the address; the key has its own field.</source>
        <translation>N’indiquez ni nom ni mot de passe dans l’adresse ; la clé a son propre champ.</translation>
    </message>
    <message>
        <source>Leave out what follows “?” or “#” in the address.</source>
        <translation>Omettez ce qui suit « ? » ou « # » dans l’adresse.</translation>
    </message>
    <message>
        <source>Leave out “/chat/completions”: the address ends before it, usually in /v1.</source>
        <translation>Omettez « /chat/completions » : l’adresse se termine avant, en général par /v1.</translation>
    </message>
    <message>
        <source>Line {number} of the headers has to look like “Name: value”.</source>
        <translation>La ligne {number} des en-têtes doit avoir la forme « Nom: valeur ».</translation>
    </message>
    <message>
        <source>The address has to look like https://example.com/v1.</source>
        <translation>L’adresse doit avoir la forme https://example.com/v1.</translation>
    </message>
    <message>
        <source>The extra body has to be a JSON object, in braces: { … }.</source>
        <translation>Les champs en plus doivent former un objet JSON, entre accolades : { … }.</translation>
    </message>
    <message>
        <source>The extra body is nested too deeply.</source>
        <translation>Les champs en plus sont trop profondément imbriqués.</translation>
    </message>
    <message>
        <source>The extra body is not JSON: line {line}, column {column}: {reason}.</source>
        <translation>Les champs en plus ne sont pas du JSON : ligne {line}, colonne {column} : {reason}.</translation>
    </message>
    <message>
        <source>The value in line {number} of the headers may hold plain ASCII letters only.</source>
        <translation>La valeur de la ligne {number} des en-têtes ne peut contenir que de simples caractères ASCII.</translation>
    </message>
    <message>
        <source>Where the text is has to look like /data/text, or be empty.</source>
        <translation>L’emplacement du texte doit avoir la forme /data/text ou être vide.</translation>
    </message>
    <message>
        <source>Without https, what you send and the key can be read on the way.</source>
        <translation>Sans https, la clé et ce que vous envoyez peuvent être lus en chemin.</translation>
    </message>
    <message>
        <source>a colon is missing</source>
        <translation>il manque deux-points</translation>
    </message>
    <message>
        <source>a comma is missing</source>
        <translation>il manque une virgule</translation>
    </message>
    <message>
        <source>a name in double quotes is missing, or a comma is too many</source>
        <translation>il manque un nom entre guillemets doubles, ou il y a une virgule de trop</translation>
    </message>
    <message>
        <source>a text holds a line break or a tab</source>
        <translation>un texte contient un saut de ligne ou une tabulation</translation>
    </message>
    <message>
        <source>a text is not closed by a quote</source>
        <translation>un texte n’est pas fermé par un guillemet</translation>
    </message>
    <message>
        <source>a value is missing</source>
        <translation>il manque une valeur</translation>
    </message>
    <message>
        <source>there is a comma too many</source>
        <translation>il y a une virgule de trop</translation>
    </message>
    <message>
        <source>there is something after the end</source>
        <translation>il y a quelque chose après la fin</translation>
    </message>
    <message>
        <source>“{name}” is set by Weir itself; leave it out.</source>
        <translation>« {name} » est défini par Weir lui-même ; retirez-le.</translation>
    </message>
    <message>
        <source>“{name}” would put the key into a readable file. Write “{{key}}” in its place and use the key’s own field.</source>
        <translation>« {name} » placerait la clé dans un fichier lisible. Écrivez « {{key}} » à sa place et utilisez le champ prévu pour la clé.</translation>
    </message>
</context>
<context>
    <name>Endpoints</name>
    <message>
        <source>No key needed</source>
        <translation>Aucune clé nécessaire</translation>
    </message>
    <message>
        <source>No key yet</source>
        <translation>Pas encore de clé</translation>
    </message>
    <message>
        <source>the keyring</source>
        <translation>le trousseau</translation>
    </message>
    <message>
        <source>{key}, for this run only</source>
        <translation>{key}, pour cette session seulement</translation>
    </message>
    <message>
        <source>{key}, from {variable}, for this run</source>
        <translation>{key}, de {variable}, pour cette session</translation>
    </message>
    <message>
        <source>{key}, in {keyring}</source>
        <translation>{key}, dans {keyring}</translation>
    </message>
</context>
<context>
    <name>Failure</name>
    <message>
        <source>A file of this kind can't be sent to {model}. Remove it, or choose another model above.</source>
        <translation>{model} n’accepte pas les fichiers de ce type. Retirez le fichier, ou choisissez un autre modèle ci-dessus.</translation>
    </message>
    <message>
        <source>Images can't be sent to {model}. Remove them, or choose another model above.</source>
        <translation>{model} n’accepte pas les images. Retirez-les, ou choisissez un autre modèle ci-dessus.</translation>
    </message>
    <message>
        <source>No answer from {host} in time. Check your connection, then try again.</source>
        <translation>Le délai d’attente est dépassé pour {host}. Vérifiez votre connexion, puis réessayez.</translation>
    </message>
    <message>
        <source>No secure connection to {host}: its certificate was not accepted. If your company uses its own certificates, name their file under Settings, Network.</source>
        <translation>Pas de connexion sécurisée avec {host} : son certificat n’a pas été accepté. Si votre entreprise utilise ses propres certificats, indiquez leur fichier sous Réglages, Réseau.</translation>
    </message>
    <message>
        <source>Nothing answers chats at {address}. Check the endpoint's address; it usually ends in /v1.</source>
        <translation>Aucune conversation n’est prise en charge à {address}. Vérifiez l’adresse du point d’accès ; elle se termine en général par /v1.</translation>
    </message>
    <message>
        <source>Nothing is listening at {address}. Is the server running?</source>
        <translation>Rien n’écoute à {address}. Le serveur est-il lancé ?</translation>
    </message>
    <message>
        <source>Only one image at a time can be sent to {model}. Remove the others, or choose another model above.</source>
        <translation>{model} n’accepte qu’une image à la fois. Retirez les autres, ou choisissez un autre modèle ci-dessus.</translation>
    </message>
    <message>
        <source>The connection to {endpoint} ended before the reply did. What had arrived is kept.</source>
        <translation>La connexion s’est terminée avant la réponse ({endpoint}). Ce qui était arrivé est conservé.</translation>
    </message>
    <message>
        <source>The conversation could not be saved. The text stays on screen; make room on the disk or check the folder's permissions.</source>
        <translation>La conversation n’a pas pu être enregistrée. Le texte reste à l’écran ; faites de la place sur le disque ou vérifiez les droits du dossier.</translation>
    </message>
    <message>
        <source>The conversation is longer than {model} can read. Start a new one, or choose a model with a larger context.</source>
        <translation>{model} ne peut pas lire une conversation aussi longue. Commencez-en une nouvelle, ou choisissez un modèle au contexte plus grand.</translation>
    </message>
    <message>
        <source>The endpoint of this conversation is no longer set up. Choose a model above.</source>
        <translation>Le point d’accès de cette conversation n’est plus configuré. Choisissez un modèle ci-dessus.</translation>
    </message>
    <message>
        <source>The model on this computer could not be used.</source>
        <translation>Le modèle sur cet ordinateur n’a pas pu être utilisé.</translation>
    </message>
    <message>
        <source>The name {host} was not found. Check the address and your connection.</source>
        <translation>Le nom {host} est introuvable. Vérifiez l’adresse et votre connexion.</translation>
    </message>
    <message>
        <source>The proxy did not let the request to {host} through. Check it under Settings, Network.</source>
        <translation>Le proxy n’a pas laissé passer la requête vers {host}. Vérifiez-le sous Réglages, Réseau.</translation>
    </message>
    <message>
        <source>The service</source>
        <translation>Le service</translation>
    </message>
    <message>
        <source>There is a web page at {address} instead of a reply. Check the endpoint's address, or sign in to the network first.</source>
        <translation>Il y a une page web à {address} au lieu d’une réponse. Vérifiez l’adresse du point d’accès, ou connectez-vous d’abord au réseau.</translation>
    </message>
    <message>
        <source>Weir made a mistake. What had arrived is kept; the log has the details.</source>
        <translation>Weir a commis une erreur. Ce qui était arrivé est conservé ; le journal donne les détails.</translation>
    </message>
    <message>
        <source>Your account at {endpoint} has no credit left. Add credit there, then try again.</source>
        <translation>Votre crédit est épuisé ({endpoint}). Rechargez-le auprès du service, puis réessayez.</translation>
    </message>
    <message>
        <source>the address</source>
        <translation>l’adresse</translation>
    </message>
    <message>
        <source>the model</source>
        <translation>Le modèle</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>le serveur</translation>
    </message>
    <message>
        <source>{endpoint} asks you to slow down.</source>
        <translation>{endpoint} vous demande de ralentir.</translation>
    </message>
    <message>
        <source>{endpoint} could not use the request.</source>
        <translation>{endpoint} n’a pas pu traiter la requête.</translation>
    </message>
    <message>
        <source>{endpoint} did not accept the key. Replace it under Settings, Endpoints, then try again.</source>
        <translation>{endpoint} n’a pas accepté la clé. Remplacez-la sous Réglages, Points d’accès, puis réessayez.</translation>
    </message>
    <message>
        <source>{endpoint} does not allow this with your key. Check with the service what the key may be used for.</source>
        <translation>{endpoint} n’autorise pas cela avec votre clé. Vérifiez auprès du service à quoi la clé donne droit.</translation>
    </message>
    <message>
        <source>{endpoint} had a fault of its own. Try again in a moment.</source>
        <translation>{endpoint} a eu une panne. Réessayez dans un instant.</translation>
    </message>
    <message>
        <source>{endpoint} has no model named “{model}”. Choose another model above.</source>
        <translation>{endpoint} n’a pas de modèle nommé « {model} ». Choisissez un autre modèle ci-dessus.</translation>
    </message>
    <message>
        <source>{endpoint} is overloaded right now. Try again in a moment.</source>
        <translation>{endpoint} est surchargé en ce moment. Réessayez dans un instant.</translation>
    </message>
    <message>
        <source>{endpoint} needs a key. Add one under Settings, Endpoints, then try again.</source>
        <translation>{endpoint} demande une clé. Ajoutez-en une sous Réglages, Points d’accès, puis réessayez.</translation>
    </message>
    <message>
        <source>{endpoint} reported a problem.</source>
        <translation>{endpoint} a signalé un problème.</translation>
    </message>
    <message>
        <source>{endpoint} sent an empty reply. Try again, or choose another model.</source>
        <translation>{endpoint} a envoyé une réponse vide. Réessayez, ou choisissez un autre modèle.</translation>
    </message>
    <message>
        <source>{endpoint} sent something that is not part of a reply. What had arrived is kept.</source>
        <translation>{endpoint} a envoyé quelque chose qui ne fait pas partie d’une réponse. Ce qui était arrivé est conservé.</translation>
    </message>
    <message>
        <source>{endpoint} went silent. What had arrived is kept.</source>
        <translation>{endpoint} n’envoie plus rien. Ce qui était arrivé est conservé.</translation>
    </message>
    <message>
        <source>“{address}” is not a web address. It has to look like https://example.com/v1.</source>
        <translation>« {address} » n’est pas une adresse web. Elle doit avoir la forme https://example.com/v1.</translation>
    </message>
</context>
<context>
    <name>FilterMenu</name>
    <message>
        <source>Date</source>
        <translation>Date</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Dossier</translation>
    </message>
    <message>
        <source>Has code</source>
        <translation>Contient du code</translation>
    </message>
    <message>
        <source>Last year</source>
        <translation>L’année dernière</translation>
    </message>
    <message>
        <source>Me</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>Moi</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modèle</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Étiquette</translation>
    </message>
    <message>
        <source>The last seven days</source>
        <translation>Les sept derniers jours</translation>
    </message>
    <message>
        <source>The last thirty days</source>
        <translation>Les trente derniers jours</translation>
    </message>
    <message>
        <source>The model</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>Le modèle</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>Cette année</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Aujourd’hui</translation>
    </message>
    <message>
        <source>Written by</source>
        <translation>Écrit par</translation>
    </message>
</context>
<context>
    <name>FindingCard</name>
    <message>
        <source>Show record {number}</source>
        <translation>Afficher l’enregistrement {number}</translation>
    </message>
    <message>
        <source>{title}. {advice}</source>
        <extracomment>What was found, and what can be done about it</extracomment>
        <translation>{title}. {advice}</translation>
    </message>
</context>
<context>
    <name>FindingsPage</name>
    <message>
        <source>Findings</source>
        <translation>Constats</translation>
    </message>
    <message>
        <source>Nothing to say about it yet.</source>
        <translation>Rien à en dire pour l’instant.</translation>
    </message>
</context>
<context>
    <name>Finds</name>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
    <message>
        <source>{title}. {excerpt}</source>
        <translation>{title}. {excerpt}</translation>
    </message>
</context>
<context>
    <name>FirstStart</name>
    <message>
        <source>A model server on this computer</source>
        <translation>Un serveur de modèles sur cet ordinateur</translation>
    </message>
    <message>
        <source>Another endpoint…</source>
        <translation>Autre point d’accès…</translation>
    </message>
    <message>
        <source>Another server or your own endpoint…</source>
        <translation>Un autre serveur ou votre point d’accès…</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>Choisir un fichier GGUF…</translation>
    </message>
    <message>
        <source>Demo model, offline</source>
        <translation>Modèle de démonstration, hors ligne</translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}</source>
        <translation>
            <numerusform>Trouvé, %n modèle : {names}</numerusform>
            <numerusform>Trouvé, %n modèles : {names}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}, …</source>
        <extracomment>The names are the first few of the models</extracomment>
        <translation>
            <numerusform>Trouvé, %n modèle : {names}, …</numerusform>
            <numerusform>Trouvé, %n modèles : {names}, …</numerusform>
        </translation>
    </message>
    <message>
        <source>Found, but it has no model yet.</source>
        <translation>Trouvé, mais sans modèle pour l’instant.</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Chercher encore</translation>
    </message>
    <message>
        <source>Looking for Ollama, LM Studio and llama.cpp…</source>
        <translation>Recherche d’Ollama, LM Studio et llama.cpp…</translation>
    </message>
    <message>
        <source>None is running. Ollama, LM Studio and llama.cpp are found by themselves.</source>
        <translation>Aucun n’est lancé. Ollama, LM Studio et llama.cpp sont trouvés automatiquement.</translation>
    </message>
    <message>
        <source>Runs here at once, no key: try it, or just type. Small, and often wrong.</source>
        <translation>Fonctionne ici tout de suite, sans clé : essayez-le, ou écrivez simplement. Petit, et souvent dans l’erreur.</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Essayer</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Utiliser</translation>
    </message>
    <message>
        <source>Where should answers come from?</source>
        <translation>D’où doivent venir les réponses ?</translation>
    </message>
    <message>
        <source>You can change this at any time. Nothing leaves this computer until you send a message.</source>
        <translation>Vous pourrez changer cela à tout moment. Rien ne quitte cet ordinateur avant que vous n’envoyiez un message.</translation>
    </message>
    <message>
        <source>{name} on this computer</source>
        <translation>{name} sur cet ordinateur</translation>
    </message>
</context>
<context>
    <name>FolderPanel</name>
    <message>
        <source>All conversations</source>
        <translation>Toutes les conversations</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>Archives</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>Nom du dossier</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Nouveau dossier</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Nouveau dossier…</translation>
    </message>
    <message>
        <source>Rename folder</source>
        <translation>Renommer le dossier</translation>
    </message>
</context>
<context>
    <name>Following</name>
    <message>
        <source>Connecting</source>
        <translation>Connexion</translation>
    </message>
    <message>
        <source>Waiting for the first words</source>
        <translation>En attente des premiers mots</translation>
    </message>
</context>
<context>
    <name>Formula</name>
    <message>
        <source>and so on</source>
        <translation>et ainsi de suite</translation>
    </message>
    <message>
        <source>bar</source>
        <translation>barre</translation>
    </message>
    <message>
        <source>close parenthesis</source>
        <translation>parenthèse fermante</translation>
    </message>
    <message>
        <source>divided by</source>
        <translation>divisé par</translation>
    </message>
    <message>
        <source>equals</source>
        <translation>égale</translation>
    </message>
    <message>
        <source>factorial</source>
        <translation>factorielle</translation>
    </message>
    <message>
        <source>for all</source>
        <translation>pour tout</translation>
    </message>
    <message>
        <source>fraction {said} end of fraction</source>
        <translation>fraction {said} fin de fraction</translation>
    </message>
    <message>
        <source>goes to</source>
        <translation>tend vers</translation>
    </message>
    <message>
        <source>implies</source>
        <translation>implique</translation>
    </message>
    <message>
        <source>in</source>
        <translation>appartient à</translation>
    </message>
    <message>
        <source>infinity</source>
        <translation>infini</translation>
    </message>
    <message>
        <source>integral</source>
        <translation>intégrale</translation>
    </message>
    <message>
        <source>is about</source>
        <translation>environ égal à</translation>
    </message>
    <message>
        <source>is at least</source>
        <translation>supérieur ou égal à</translation>
    </message>
    <message>
        <source>is at most</source>
        <translation>inférieur ou égal à</translation>
    </message>
    <message>
        <source>is greater than</source>
        <translation>supérieur à</translation>
    </message>
    <message>
        <source>is less than</source>
        <translation>inférieur à</translation>
    </message>
    <message>
        <source>is not equal to</source>
        <translation>différent de</translation>
    </message>
    <message>
        <source>minus</source>
        <translation>moins</translation>
    </message>
    <message>
        <source>nabla</source>
        <translation>nabla</translation>
    </message>
    <message>
        <source>open parenthesis</source>
        <translation>parenthèse ouvrante</translation>
    </message>
    <message>
        <source>partial</source>
        <translation>d rond</translation>
    </message>
    <message>
        <source>plus</source>
        <translation>plus</translation>
    </message>
    <message>
        <source>plus or minus</source>
        <translation>plus ou moins</translation>
    </message>
    <message>
        <source>prime</source>
        <translation>prime</translation>
    </message>
    <message>
        <source>product</source>
        <translation>produit</translation>
    </message>
    <message>
        <source>root of order {index} of {inner}</source>
        <translation>racine {index}-ième de {inner}</translation>
    </message>
    <message>
        <source>square root of {inner}</source>
        <translation>racine carrée de {inner}</translation>
    </message>
    <message>
        <source>sum</source>
        <translation>somme</translation>
    </message>
    <message numerus="yes">
        <source>table with %n row(s)</source>
        <translation>
            <numerusform>tableau de %n ligne</numerusform>
            <numerusform>tableau de %n lignes</numerusform>
        </translation>
    </message>
    <message>
        <source>there is</source>
        <translation>il existe</translation>
    </message>
    <message>
        <source>times</source>
        <translation>fois</translation>
    </message>
    <message>
        <source>{base} cubed</source>
        <translation>{base} au cube</translation>
    </message>
    <message>
        <source>{base} from {low} to {high} of</source>
        <translation>{base} de {low} à {high} de</translation>
    </message>
    <message>
        <source>{base} squared</source>
        <translation>{base} au carré</translation>
    </message>
    <message>
        <source>{base} sub {index}</source>
        <translation>{base} indice {index}</translation>
    </message>
    <message>
        <source>{base} sub {index} to the power of {power}</source>
        <translation>{base} indice {index} puissance {power}</translation>
    </message>
    <message>
        <source>{base} to the power of {power}</source>
        <translation>{base} puissance {power}</translation>
    </message>
    <message>
        <source>{base} under {low}</source>
        <translation>{base} avec {low} en dessous</translation>
    </message>
    <message>
        <source>{base} with {high} above</source>
        <translation>{base} avec {high} au-dessus</translation>
    </message>
    <message>
        <source>{said} end of root</source>
        <translation>{said} fin de racine</translation>
    </message>
    <message>
        <source>{top} over {bottom}</source>
        <translation>{top} sur {bottom}</translation>
    </message>
</context>
<context>
    <name>FoundHead</name>
    <message>
        <source>Filter</source>
        <extracomment>Name of a button that narrows a search</extracomment>
        <translation>Filtrer</translation>
    </message>
</context>
<context>
    <name>GapPlot</name>
    <message>
        <source>Gaps between records over time</source>
        <translation>Écarts entre les enregistrements au fil du temps</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>Rien pour l’instant</translation>
    </message>
    <message>
        <source>The longest is {gap}, before record {number}</source>
        <translation>Le plus long est de {gap}, avant l’enregistrement {number}</translation>
    </message>
    <message>
        <source>gap before each record, over time</source>
        <translation>écart avant chaque enregistrement, au fil du temps</translation>
    </message>
    <message>
        <source>{gap} before record {number}</source>
        <translation>{gap} avant l’enregistrement {number}</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Compare models</source>
        <translation>Comparer des modèles</translation>
    </message>
    <message>
        <source>More</source>
        <extracomment>On a button: more actions</extracomment>
        <translation>Plus</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
    <message>
        <source>Show the shelf</source>
        <translation>Afficher la barre latérale</translation>
    </message>
</context>
<context>
    <name>HeaderKeys</name>
    <message>
        <source>Key for {header}</source>
        <translation>Clé pour {header}</translation>
    </message>
    <message>
        <source>Leave it empty to keep the key</source>
        <translation>Laissez vide pour garder la clé</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Collez une clé</translation>
    </message>
</context>
<context>
    <name>HitDelegate</name>
    <message>
        <source>You: {text}</source>
        <translation>Vous : {text}</translation>
    </message>
</context>
<context>
    <name>HitView</name>
    <message>
        <source>Found</source>
        <extracomment>Name of the list of what a search found</extracomment>
        <translation>Résultats</translation>
    </message>
</context>
<context>
    <name>Inspection</name>
    <message numerus="yes">
        <source>%n end mark(s)</source>
        <translation>
            <numerusform>%n marque de fin</numerusform>
            <numerusform>%n marques de fin</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n keep-alive comment(s)</source>
        <translation>
            <numerusform>Un commentaire de maintien de la connexion</numerusform>
            <numerusform>%n commentaires de maintien de la connexion</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s), the first {numbers}</source>
        <translation>
            <numerusform>%n enregistrement, à commencer par {numbers}</numerusform>
            <numerusform>%n enregistrements, à commencer par {numbers}</numerusform>
        </translation>
    </message>
    <message>
        <source>A NUL is no text: look for a buffer that is sent whole, or for UTF-16.</source>
        <translation>Un NUL n’est pas du texte : cherchez un tampon envoyé en entier, ou de l’UTF-16.</translation>
    </message>
    <message>
        <source>A blank line.</source>
        <translation>Une ligne vide.</translation>
    </message>
    <message>
        <source>A byte order mark at the beginning</source>
        <translation>Une marque d’ordre des octets au début</translation>
    </message>
    <message>
        <source>A byte order mark in {records}</source>
        <translation>Marque d’ordre des octets : {records}</translation>
    </message>
    <message>
        <source>A comment: it keeps the connection open and says nothing.</source>
        <translation>Un commentaire : il maintient la connexion et ne dit rien.</translation>
    </message>
    <message>
        <source>A length is known only when everything is: the reply was collected before it was sent.</source>
        <translation>Une longueur n’est connue que quand tout l’est : la réponse a été rassemblée avant d’être envoyée.</translation>
    </message>
    <message>
        <source>A long prompt, a model being loaded or a queue; or the beginning was held back by a buffer.</source>
        <translation>Un long prompt, un modèle en cours de chargement ou une file d’attente ; ou bien un tampon a retenu le début.</translation>
    </message>
    <message>
        <source>A replay of “{name}”, as fast as it can be read.</source>
        <translation>Une relecture de « {name} », aussi vite qu’elle peut être lue.</translation>
    </message>
    <message>
        <source>A replay of “{name}”, at the pace of the recording.</source>
        <translation>Une relecture de « {name} », au rythme de la capture.</translation>
    </message>
    <message>
        <source>A reply ends once. Clients may stop at the first and miss what follows.</source>
        <translation>Une réponse se termine une fois. Des clients peuvent s’arrêter à la première fin et manquer la suite.</translation>
    </message>
    <message>
        <source>A silence of {time} before record {number}</source>
        <translation>Un silence de {time} avant l’enregistrement {number}</translation>
    </message>
    <message>
        <source>After the end came {records}</source>
        <translation>Arrivé après la fin : {records}</translation>
    </message>
    <message>
        <source>All are allowed, but a mix is often a sign of parts written by different hands.</source>
        <translation>Toutes sont permises, mais un mélange indique souvent que les parties viennent de sources différentes.</translation>
    </message>
    <message>
        <source>An empty answer</source>
        <translation>Une réponse vide</translation>
    </message>
    <message>
        <source>An error inside a {status} answer</source>
        <translation>Une erreur dans une réponse {status}</translation>
    </message>
    <message>
        <source>An error: {words}</source>
        <translation>Une erreur : {words}</translation>
    </message>
    <message>
        <source>An event stream that is labelled {kind}</source>
        <translation>Un flux d’événements annoncé comme {kind}</translation>
    </message>
    <message>
        <source>An id that was there before: {records}</source>
        <translation>Un id déjà employé : {records}</translation>
    </message>
    <message>
        <source>An “id:” is for one event: clients that resume would go on at the wrong place.</source>
        <translation>Un « id: » désigne un seul événement : les clients qui reprennent un flux continueraient au mauvais endroit.</translation>
    </message>
    <message>
        <source>Before nginx send “X-Accel-Buffering: no”; flush after each event in your own server.</source>
        <translation>Devant nginx, envoyez « X-Accel-Buffering: no » ; dans votre propre serveur, videz le tampon après chaque événement.</translation>
    </message>
    <message numerus="yes">
        <source>Buffered: {records} records came in %n burst(s)</source>
        <translation>
            <numerusform>Tampon : {records} enregistrements sont arrivés en une seule salve</numerusform>
            <numerusform>Tampon : {records} enregistrements sont arrivés en %n salves</numerusform>
        </translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a blank line as well.</source>
        <translation>Selon la norme, il est abandonné. Terminez aussi le dernier par une ligne vide.</translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a line end as well.</source>
        <translation>Selon la norme, il est abandonné. Terminez aussi le dernier par une fin de ligne.</translation>
    </message>
    <message>
        <source>Bytes that are no UTF-8: {records}</source>
        <translation>Octets qui ne sont pas de l’UTF-8 : {records}</translation>
    </message>
    <message>
        <source>Clients stop reading at the end mark. Send it last.</source>
        <translation>Les clients cessent de lire à la marque de fin. Envoyez-la en dernier.</translation>
    </message>
    <message>
        <source>Compressors hold back what is small. Send event streams as they are; proxies need telling, too.</source>
        <translation>La compression retient les petits morceaux. Envoyez les flux d’événements tels quels ; il faut aussi le dire aux proxys.</translation>
    </message>
    <message>
        <source>Cut in the middle of a record</source>
        <translation>Coupé au milieu d’un enregistrement</translation>
    </message>
    <message>
        <source>Cut off before it was whole.</source>
        <translation>Coupé avant d’être complet.</translation>
    </message>
    <message>
        <source>Data that is not JSON: {records}</source>
        <translation>Données qui ne sont pas du JSON : {records}</translation>
    </message>
    <message>
        <source>Event streams are UTF-8 whatever the header says.</source>
        <translation>Les flux d’événements sont en UTF-8, quoi que dise l’en-tête.</translation>
    </message>
    <message>
        <source>Events that the protocol does not know: {names}</source>
        <translation>Événements inconnus du protocole : {names}</translation>
    </message>
    <message>
        <source>If the model was not thinking there, look for a server or a proxy that stalls. Comments (lines that begin with “:”) every 15 s keep proxies from hanging up.</source>
        <translation>Si le modèle ne raisonnait pas à ce moment, cherchez un serveur ou un proxy qui cale. Des commentaires (des lignes qui commencent par « : ») toutes les 15 s évitent que les proxys coupent la connexion.</translation>
    </message>
    <message>
        <source>It came by way of {via}.</source>
        <translation>Elle est passée par {via}.</translation>
    </message>
    <message>
        <source>It does not say where to.</source>
        <translation>Il ne dit pas vers où.</translation>
    </message>
    <message>
        <source>It ends before its last bracket: the server, or something on the way, stopped there.</source>
        <translation>Il se termine avant son dernier crochet : le serveur, ou quelque chose en chemin, s’est arrêté là.</translation>
    </message>
    <message>
        <source>It knows no chunks, so that an end can’t be told from a cut. In nginx set “proxy_http_version 1.1”.</source>
        <translation>Il ne connaît pas les chunks, de sorte qu’une fin ne se distingue pas d’une coupure. Dans nginx, réglez « proxy_http_version 1.1 ».</translation>
    </message>
    <message>
        <source>It says “X-Accel-Buffering: yes”: send “no”.</source>
        <translation>Elle indique « X-Accel-Buffering: yes » : envoyez « no ».</translation>
    </message>
    <message>
        <source>Its length was known beforehand, so that it was whole before it was sent.</source>
        <translation>Sa longueur était connue d’avance : elle était donc complète avant d’être envoyée.</translation>
    </message>
    <message>
        <source>Its type is {kind}. Perhaps the address is wrong, or a proxy answered with a page.</source>
        <translation>Son type est {kind}. L’adresse est peut-être fausse, ou un proxy a répondu par une page.</translation>
    </message>
    <message>
        <source>JSON that is labelled as an event stream</source>
        <translation>Du JSON annoncé comme un flux d’événements</translation>
    </message>
    <message>
        <source>Line ends are mixed: {kinds}</source>
        <translation>Fins de ligne mélangées : {kinds}</translation>
    </message>
    <message>
        <source>Lines of JSON that are labelled {kind}</source>
        <translation>Des lignes de JSON annoncées comme {kind}</translation>
    </message>
    <message>
        <source>NUL bytes in {records}</source>
        <translation>Octets NUL : {records}</translation>
    </message>
    <message>
        <source>No [DONE] at the end</source>
        <translation>Pas de [DONE] à la fin</translation>
    </message>
    <message>
        <source>No data in it.</source>
        <translation>Aucune donnée.</translation>
    </message>
    <message>
        <source>No end mark came, so that the stream can’t be told from a cut one.</source>
        <translation>Aucune marque de fin n’est arrivée, de sorte que le flux ne se distingue pas d’un flux coupé.</translation>
    </message>
    <message>
        <source>No usage was sent</source>
        <translation>Aucune consommation envoyée</translation>
    </message>
    <message>
        <source>Not everything is shown</source>
        <translation>Tout n’est pas affiché</translation>
    </message>
    <message>
        <source>Not kept: {size}. Recordings have room for {room} together.</source>
        <translation>Non conservé : {size}. Les captures disposent de {room} en tout.</translation>
    </message>
    <message>
        <source>Not read to its end</source>
        <translation>Pas lu jusqu’à la fin</translation>
    </message>
    <message>
        <source>Not read: the reply had ended.</source>
        <translation>Non lu : la réponse était terminée.</translation>
    </message>
    <message>
        <source>Not read: the reply had failed.</source>
        <translation>Non lu : la réponse avait échoué.</translation>
    </message>
    <message>
        <source>Nothing that is whole yet.</source>
        <translation>Rien de complet pour l’instant.</translation>
    </message>
    <message>
        <source>Nothing wrong with this stream</source>
        <translation>Rien à reprocher à ce flux</translation>
    </message>
    <message>
        <source>One is enough; nothing is read after the first.</source>
        <translation>Une seule suffit ; rien n’est lu après la première.</translation>
    </message>
    <message>
        <source>Only the end of the connection ends it, which a break can’t be told from. Send “Transfer-Encoding: chunked”.</source>
        <translation>Seule la fin de la connexion y met fin, ce qui ne se distingue pas d’une coupure. Envoyez « Transfer-Encoding: chunked ».</translation>
    </message>
    <message>
        <source>Only the very first bytes may be one. Perhaps files or buffers were put one after the other.</source>
        <translation>Seuls les tout premiers octets peuvent en être une. Peut-être des fichiers ou des tampons ont-ils été mis bout à bout.</translation>
    </message>
    <message>
        <source>Records, order, end and transport are as they should be.</source>
        <translation>Les enregistrements, l’ordre, la fin et le transport sont comme il faut.</translation>
    </message>
    <message>
        <source>Replay of {name}</source>
        <translation>Relecture de {name}</translation>
    </message>
    <message>
        <source>Send each event’s JSON on data lines of its own and end it with a blank line. JSON that goes over several lines needs “data: ” before each of them.</source>
        <translation>Envoyez le JSON de chaque événement sur ses propres lignes data et terminez-le par une ligne vide. Du JSON sur plusieurs lignes exige « data:  » devant chacune d’elles.</translation>
    </message>
    <message>
        <source>Send events, or “Content-Type: application/json”.</source>
        <translation>Envoyez des événements, ou « Content-Type: application/json ».</translation>
    </message>
    <message>
        <source>Send “Content-Type: application/x-ndjson”.</source>
        <translation>Envoyez « Content-Type: application/x-ndjson ».</translation>
    </message>
    <message>
        <source>Send “Content-Type: text/event-stream”: many clients refuse anything else.</source>
        <translation>Envoyez « Content-Type: text/event-stream » : beaucoup de clients refusent tout autre type.</translation>
    </message>
    <message>
        <source>Several events without a blank line between: {records}</source>
        <translation>Plusieurs événements sans ligne vide entre eux : {records}</translation>
    </message>
    <message>
        <source>Something between the model and Weir collects the stream.</source>
        <translation>Quelque chose entre le modèle et Weir accumule le flux.</translation>
    </message>
    <message>
        <source>The answer came by HTTP/1.0</source>
        <translation>La réponse est arrivée en HTTP/1.0</translation>
    </message>
    <message>
        <source>The answer is compressed ({encoding}), and compressors wait for more: switch that off.</source>
        <translation>La réponse est compressée ({encoding}), et la compression attend d’en avoir plus : désactivez-la.</translation>
    </message>
    <message>
        <source>The answer is no reply</source>
        <translation>La réponse ne vient pas du modèle</translation>
    </message>
    <message>
        <source>The answer is not sent in HTTP chunks</source>
        <translation>La réponse n’est pas envoyée en chunks HTTP</translation>
    </message>
    <message>
        <source>The body ({size}) was too large to be kept.</source>
        <translation>Le corps ({size}) était trop volumineux pour être conservé.</translation>
    </message>
    <message>
        <source>The body says more; see the records and the answer’s headers.</source>
        <translation>Le corps en dit plus ; voyez les enregistrements et les en-têtes de la réponse.</translation>
    </message>
    <message>
        <source>The connection broke before the answer ended</source>
        <translation>La connexion s’est coupée avant la fin de la réponse</translation>
    </message>
    <message>
        <source>The document is not whole</source>
        <translation>Le document n’est pas complet</translation>
    </message>
    <message>
        <source>The end mark is missing</source>
        <translation>Il manque la marque de fin</translation>
    </message>
    <message>
        <source>The end mark.</source>
        <translation>La marque de fin.</translation>
    </message>
    <message>
        <source>The event “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>L’événement « {name} » n’est pas arrivé, de sorte que le flux ne se distingue pas d’un flux coupé.</translation>
    </message>
    <message>
        <source>The field “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>Le champ « {name} » n’est pas arrivé, de sorte que le flux ne se distingue pas d’un flux coupé.</translation>
    </message>
    <message>
        <source>The file was changed since it was recorded: the times no longer belong to the same bytes.</source>
        <translation>Le fichier a été modifié depuis sa capture : les temps ne correspondent plus aux mêmes octets.</translation>
    </message>
    <message>
        <source>The first record came after {time}</source>
        <translation>Le premier enregistrement est arrivé après {time}</translation>
    </message>
    <message>
        <source>The head of an answer came, and nothing after it.</source>
        <translation>L’en-tête d’une réponse est arrivé, puis plus rien.</translation>
    </message>
    <message>
        <source>The last record has no blank line</source>
        <translation>Il manque la ligne vide au dernier enregistrement</translation>
    </message>
    <message>
        <source>The last record has no line end</source>
        <translation>Il manque la fin de ligne au dernier enregistrement</translation>
    </message>
    <message>
        <source>The model said that it had ended, but “data: [DONE]” did not follow. Some clients wait for it.</source>
        <translation>Le modèle a annoncé sa fin, mais « data: [DONE] » n’a pas suivi. Certains clients l’attendent.</translation>
    </message>
    <message>
        <source>The protocol is not known.</source>
        <translation>Le protocole n’est pas connu.</translation>
    </message>
    <message>
        <source>The protocol of {name} can’t be told from its records. Name it with --protocol, one of: {known}.</source>
        <translation>Le protocole de {name} ne se déduit pas de ses enregistrements. Indiquez-le avec --protocol, parmi : {known}.</translation>
    </message>
    <message>
        <source>The reply came as one document</source>
        <translation>La réponse est arrivée en un seul document</translation>
    </message>
    <message numerus="yes">
        <source>The reply ended %n time(s)</source>
        <translation>
            <numerusform>La réponse s’est terminée %n fois</numerusform>
            <numerusform>La réponse s’est terminée %n fois</numerusform>
        </translation>
    </message>
    <message>
        <source>The reply failed</source>
        <translation>La réponse a échoué</translation>
    </message>
    <message>
        <source>The server asks to wait (Retry-After: {after}).</source>
        <translation>Le serveur demande d’attendre (Retry-After: {after}).</translation>
    </message>
    <message>
        <source>The server closed the connection, or it could not be reached.</source>
        <translation>Le serveur a fermé la connexion, ou il n’a pas pu être joint.</translation>
    </message>
    <message>
        <source>The server did not stream. If it should, see whether the request says so and the server looks.</source>
        <translation>Le serveur n’a pas envoyé de flux. S’il le devrait, vérifiez que la requête le demande et que le serveur en tient compte.</translation>
    </message>
    <message>
        <source>The server or a proxy hung up: look for a crash, a time limit, or a limit on the answer’s size.</source>
        <translation>Le serveur ou un proxy a coupé la connexion : cherchez un plantage, une limite de temps ou une limite de taille de la réponse.</translation>
    </message>
    <message>
        <source>The server refused: {name}</source>
        <translation>Le serveur a refusé : {name}</translation>
    </message>
    <message>
        <source>The server sends on ({name})</source>
        <translation>Le serveur redirige ({name})</translation>
    </message>
    <message>
        <source>The server, or something on the way, ended the answer before the record was whole.</source>
        <translation>Le serveur, ou quelque chose en chemin, a mis fin à la réponse avant que l’enregistrement soit complet.</translation>
    </message>
    <message>
        <source>The stream has a length ({length} bytes)</source>
        <translation>Le flux a une longueur ({length} octets)</translation>
    </message>
    <message>
        <source>The stream is compressed ({encoding})</source>
        <translation>Le flux est compressé ({encoding})</translation>
    </message>
    <message>
        <source>The type names another charset: {kind}</source>
        <translation>Le type indique un autre jeu de caractères : {kind}</translation>
    </message>
    <message>
        <source>There is no file {file}.</source>
        <translation>Il n’y a pas de fichier {file}.</translation>
    </message>
    <message>
        <source>There was neither a “finish_reason” nor “data: [DONE]”, so that the stream can’t be told from a cut one.</source>
        <translation>Il n’y avait ni « finish_reason » ni « data: [DONE] », de sorte que le flux ne se distingue pas d’un flux coupé.</translation>
    </message>
    <message>
        <source>There was no answer</source>
        <translation>Il n’y a pas eu de réponse</translation>
    </message>
    <message>
        <source>They became “�”. Event streams are UTF-8 by their standard; don’t cut characters in two when text is taken apart as bytes.</source>
        <translation>Ils sont devenus « � ». La norme veut que les flux d’événements soient en UTF-8 ; ne coupez pas les caractères en deux quand le texte est découpé en octets.</translation>
    </message>
    <message>
        <source>They keep the connection open and say nothing. That is as it should be.</source>
        <translation>Ils maintiennent la connexion et ne disent rien. C’est normal.</translation>
    </message>
    <message>
        <source>This conversation is kept nowhere, and nobody is asked.</source>
        <translation>Cette conversation n’est conservée nulle part, et aucun service n’est interrogé.</translation>
    </message>
    <message>
        <source>This header asks nginx to collect the stream. Send “no”.</source>
        <translation>Cet en-tête demande à nginx d’accumuler le flux. Envoyez « no ».</translation>
    </message>
    <message>
        <source>This is not JSON: the reply ended here.</source>
        <translation>Ce n’est pas du JSON : la réponse s’est terminée ici.</translation>
    </message>
    <message>
        <source>To {target}.</source>
        <translation>Vers {target}.</translation>
    </message>
    <message>
        <source>Tokens can’t be counted without it.</source>
        <translation>Sans elle, les tokens ne peuvent pas être comptés.</translation>
    </message>
    <message>
        <source>Weir asks for it by {option}; the server may not know it.</source>
        <translation>Weir la demande par {option} ; le serveur ne connaît peut-être pas cela.</translation>
    </message>
    <message>
        <source>Weir closed the connection: the reply was stopped, or it failed.</source>
        <translation>Weir a fermé la connexion : la réponse a été arrêtée, ou elle a échoué.</translation>
    </message>
    <message>
        <source>Weir passes over it; some clients take it for a part of the first field’s name.</source>
        <translation>Weir passe outre ; certains clients la prennent pour une partie du nom du premier champ.</translation>
    </message>
    <message>
        <source>Weir passes over them. If they should say something, compare their names with the protocol’s.</source>
        <translation>Weir les ignore. S’ils sont censés dire quelque chose, comparez leurs noms à ceux du protocole.</translation>
    </message>
    <message>
        <source>Weir takes them apart, other clients may not. End each event with a blank line.</source>
        <translation>Weir les sépare, d’autres clients peut-être pas. Terminez chaque événement par une ligne vide.</translation>
    </message>
    <message>
        <source>a line of its head is “{line}”.</source>
        <translation>une ligne de son en-tête est « {line} ».</translation>
    </message>
    <message>
        <source>end</source>
        <translation>fin</translation>
    </message>
    <message>
        <source>it holds no text.</source>
        <translation>il ne contient pas de texte.</translation>
    </message>
    <message>
        <source>it was written by a newer Weir. Update this one to play it.</source>
        <translation>il a été écrit par un Weir plus récent. Mettez celui-ci à jour pour le lire.</translation>
    </message>
    <message>
        <source>nginx stands between: send “X-Accel-Buffering: no”, or set “proxy_buffering off”.</source>
        <translation>nginx est entre les deux : envoyez « X-Accel-Buffering: no », ou réglez « proxy_buffering off ».</translation>
    </message>
    <message>
        <source>no counts</source>
        <translation>aucun chiffre</translation>
    </message>
    <message>
        <source>none</source>
        <translation>aucun</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>substitut</translation>
    </message>
    <message>
        <source>progress</source>
        <translation>progression</translation>
    </message>
    <message>
        <source>reasoning</source>
        <translation>raisonnement</translation>
    </message>
    <message>
        <source>record {number}</source>
        <translation>enregistrement {number}</translation>
    </message>
    <message>
        <source>records {numbers}</source>
        <translation>enregistrements {numbers}</translation>
    </message>
    <message>
        <source>refusal</source>
        <translation>refus</translation>
    </message>
    <message>
        <source>text</source>
        <translation>texte</translation>
    </message>
    <message>
        <source>the line “:weir body” is missing.</source>
        <translation>il manque la ligne « :weir body ».</translation>
    </message>
    <message>
        <source>there is a head of HTTP in it, and no body.</source>
        <translation>il contient un en-tête HTTP, mais pas de corps.</translation>
    </message>
    <message>
        <source>tool call</source>
        <translation>appel d’outil</translation>
    </message>
    <message>
        <source>usage</source>
        <translation>consommation</translation>
    </message>
    <message>
        <source>what follows “:weir {name}” is no JSON object.</source>
        <translation>ce qui suit « :weir {name} » n’est pas un objet JSON.</translation>
    </message>
    <message>
        <source>{count} cached</source>
        <translation>{count} en cache</translation>
    </message>
    <message>
        <source>{count} in</source>
        <translation>{count} en entrée</translation>
    </message>
    <message>
        <source>{count} out</source>
        <translation>{count} en sortie</translation>
    </message>
    <message>
        <source>{count} reasoning</source>
        <translation>{count} de raisonnement</translation>
    </message>
    <message>
        <source>{count} total</source>
        <translation>{count} au total</translation>
    </message>
    <message>
        <source>{file} can’t be read ({reason}).</source>
        <translation>{file} est illisible ({reason}).</translation>
    </message>
    <message>
        <source>{file} could not be written ({reason}). Choose another place.</source>
        <translation>{file} n’a pas pu être écrit ({reason}). Choisissez un autre emplacement.</translation>
    </message>
    <message>
        <source>{file} is a folder. Name a recorded stream in it.</source>
        <translation>{file} est un dossier. Indiquez un flux capturé qui s’y trouve.</translation>
    </message>
    <message>
        <source>{file} is empty. Record a stream with “curl -N”, or save one in the inspector.</source>
        <translation>{file} est vide. Capturez un flux avec « curl -N », ou enregistrez-en un dans l’inspecteur.</translation>
    </message>
    <message>
        <source>{file} is larger than {size} MB, too large for a recorded stream.</source>
        <translation>{file} dépasse {size} Mo, c’est trop pour un flux capturé.</translation>
    </message>
    <message>
        <source>{file} is not a whole recording: {error}</source>
        <translation>{file} n’est pas une capture complète : {error}</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>“{name}” is not a protocol that Weir knows. There are: {known}.</source>
        <translation>« {name} » n’est pas un protocole que Weir connaît. Il y a : {known}.</translation>
    </message>
    <message>
        <source>“{name}” is not an event of this protocol; it is passed over.</source>
        <translation>« {name} » n’est pas un événement de ce protocole ; il est ignoré.</translation>
    </message>
    <message>
        <source>“{pair}” is no time and size.</source>
        <translation>« {pair} » n’est pas un temps suivi d’une taille.</translation>
    </message>
    <message>
        <source>“{words}”. The status was {status}, because the stream had begun. Clients that look at the status alone take this for a success.</source>
        <translation>« {words} ». Le statut était {status}, car le flux avait déjà commencé. Les clients qui ne regardent que le statut prennent cela pour un succès.</translation>
    </message>
    <message>
        <source>“{word}” stands for no byte.</source>
        <translation>« {word} » ne représente aucun octet.</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message numerus="yes">
        <source>… %n more byte(s)</source>
        <translation>
            <numerusform>… encore %n octet</numerusform>
            <numerusform>… encore %n octets</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InspectorDoor</name>
    <message>
        <source>Inspect the stream</source>
        <translation>Inspecter le flux</translation>
    </message>
    <message>
        <source>raw, records, SSE, curl, debug, request, headers</source>
        <translation>brut, enregistrements, SSE, curl, débogage, requête, en-têtes</translation>
    </message>
</context>
<context>
    <name>InspectorWindow</name>
    <message numerus="yes">
        <source>%n record(s)</source>
        <translation>
            <numerusform>%n enregistrement</numerusform>
            <numerusform>%n enregistrements</numerusform>
        </translation>
    </message>
    <message>
        <source>(The body was too large to be kept.)</source>
        <translation>(Le corps était trop volumineux pour être conservé.)</translation>
    </message>
    <message>
        <source>A file that “weir replay” plays</source>
        <translation>Un fichier que « weir replay » relit</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Tous les fichiers (*)</translation>
    </message>
    <message>
        <source>Attempt</source>
        <extracomment>Which of several requests for one reply</extracomment>
        <translation>Tentative</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copié</translation>
    </message>
    <message>
        <source>Copy as curl</source>
        <translation>Copier en curl</translation>
    </message>
    <message>
        <source>Copy the body</source>
        <translation>Copier le corps</translation>
    </message>
    <message>
        <source>More may come.</source>
        <translation>La suite peut encore arriver.</translation>
    </message>
    <message>
        <source>Nothing is recorded of this reply.</source>
        <translation>Rien n’est capturé de cette réponse.</translation>
    </message>
    <message>
        <source>Of the older replies some were dropped: there is room for {size}.</source>
        <translation>Parmi les réponses plus anciennes, certaines ont été abandonnées : la place est de {size}.</translation>
    </message>
    <message>
        <source>Recorded streams (*.sse)</source>
        <translation>Flux capturés (*.sse)</translation>
    </message>
    <message>
        <source>Records and details</source>
        <translation>Enregistrements et détails</translation>
    </message>
    <message>
        <source>Save the stream</source>
        <translation>Enregistrer le flux</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Enregistré</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Enregistrer…</translation>
    </message>
    <message>
        <source>Stream inspector</source>
        <translation>Inspecteur de flux</translation>
    </message>
    <message>
        <source>Stream of a reply</source>
        <translation>Flux d’une réponse</translation>
    </message>
    <message>
        <source>The JSON that was sent</source>
        <translation>Le JSON envoyé</translation>
    </message>
    <message>
        <source>The answer ended as HTTP has it.</source>
        <translation>La réponse s’est terminée comme HTTP le prévoit.</translation>
    </message>
    <message>
        <source>The connection broke.</source>
        <translation>La connexion s’est coupée.</translation>
    </message>
    <message>
        <source>The head came after {time}.</source>
        <translation>L’en-tête est arrivé après {time}.</translation>
    </message>
    <message>
        <source>The request as a command, with a variable in place of the key</source>
        <translation>La requête sous forme de commande, avec une variable à la place de la clé</translation>
    </message>
    <message>
        <source>There is no answer yet.</source>
        <translation>Il n’y a pas encore de réponse.</translation>
    </message>
    <message>
        <source>There is no reply here yet. Send a prompt, and its stream is shown while it comes.</source>
        <translation>Il n’y a pas encore de réponse ici. Envoyez un prompt, et son flux s’affiche à mesure qu’il arrive.</translation>
    </message>
    <message>
        <source>Weir closed the connection.</source>
        <translation>Weir a fermé la connexion.</translation>
    </message>
    <message>
        <source>What crosses the wire is kept for this run of Weir alone, and never written to a file unless you save it.</source>
        <translation>Ce qui passe par le réseau n’est gardé que pour cette session de Weir et n’est jamais écrit dans un fichier, sauf si vous l’enregistrez.</translation>
    </message>
    <message>
        <source>live</source>
        <extracomment>The stream is coming at this moment</extracomment>
        <translation>en direct</translation>
    </message>
    <message>
        <source>no answer</source>
        <extracomment>The request was sent, and there is no answer yet</extracomment>
        <translation>pas de réponse</translation>
    </message>
    <message>
        <source>silent for {time}</source>
        <translation>silencieux depuis {time}</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>en attente</translation>
    </message>
    <message>
        <source>{model} at {endpoint}</source>
        <translation>{model} chez {endpoint}</translation>
    </message>
    <message>
        <source>… {size} in all; “Copy the body” has the rest.</source>
        <translation>… {size} en tout ; « Copier le corps » donne le reste.</translation>
    </message>
</context>
<context>
    <name>KeptForm</name>
    <message>
        <source>As it came with Weir</source>
        <translation>Version fournie avec Weir</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Enregistrer</translation>
    </message>
</context>
<context>
    <name>KeptList</name>
    <message numerus="yes">
        <source>%n came in.</source>
        <extracomment>Prompts or personas came in from a file</extracomment>
        <translation>
            <numerusform>%n importé.</numerusform>
            <numerusform>%n importés.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <extracomment>Prompts or personas of the file that were here before</extracomment>
        <translation>
            <numerusform>%n était déjà là.</numerusform>
            <numerusform>%n étaient déjà là.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were written to {file}.</source>
        <extracomment>Prompts or personas were written to a file</extracomment>
        <translation>
            <numerusform>%n écrit dans {file}.</numerusform>
            <numerusform>%n écrits dans {file}.</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Tous les fichiers (*)</translation>
    </message>
    <message>
        <source>Delete {name}</source>
        <translation>Supprimer {name}</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>Modifier {name}</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exporter</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exporter…</translation>
    </message>
    <message>
        <source>Hide {name}</source>
        <translation>Masquer {name}</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importer</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importer…</translation>
    </message>
    <message>
        <source>Move {name} down</source>
        <translation>Descendre {name}</translation>
    </message>
    <message>
        <source>Move {name} up</source>
        <translation>Monter {name}</translation>
    </message>
    <message>
        <source>Readable files (*.toml)</source>
        <translation>Fichiers lisibles (*.toml)</translation>
    </message>
    <message>
        <source>Show what is hidden ({count})</source>
        <translation>Afficher ce qui est masqué ({count})</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>changed</source>
        <extracomment>A prompt or persona that comes with Weir and was changed</extracomment>
        <translation>modifié</translation>
    </message>
    <message>
        <source>comes with Weir</source>
        <translation>fourni avec Weir</translation>
    </message>
    <message>
        <source>{problem} Until then nothing can be changed here.</source>
        <translation>{problem} D’ici là, rien ne peut être modifié ici.</translation>
    </message>
    <message>
        <source>“{name}” is hidden.</source>
        <translation>« {name} » est masqué.</translation>
    </message>
    <message>
        <source>“{name}” was deleted.</source>
        <translation>« {name} » a été supprimé.</translation>
    </message>
</context>
<context>
    <name>KeyCard</name>
    <message>
        <source>A service you have a key for</source>
        <translation>Un service dont vous avez une clé</translation>
    </message>
    <message>
        <source>Keys are kept in this computer’s keyring and nowhere else.</source>
        <translation>Les clés sont conservées dans le trousseau de cet ordinateur et nulle part ailleurs.</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Collez une clé</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>Service</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the key works</extracomment>
        <translation>Tester</translation>
    </message>
    <message>
        <source>The key goes into {keyring} and nowhere else.</source>
        <translation>La clé va dans {keyring} et nulle part ailleurs.</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. The key is kept in memory and forgotten when Weir ends.</source>
        <translation>Cet ordinateur n’a pas de trousseau que Weir puisse utiliser. La clé reste en mémoire et est oubliée à la fermeture de Weir.</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>Cette clé contient des caractères qu’aucune clé ne comporte.</translation>
    </message>
    <message>
        <source>This looks like a key for {service}, which Weir can’t talk to yet. If it is for another service, choose that one.</source>
        <translation>Cela ressemble à une clé pour {service}, avec lequel Weir ne sait pas encore communiquer. Si elle est destinée à un autre service, choisissez-le.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Utiliser</translation>
    </message>
    <message>
        <source>Use it anyway</source>
        <translation>Utiliser quand même</translation>
    </message>
    <message>
        <source>Which service is this key for? Choose it beside the key.</source>
        <translation>Pour quel service est cette clé ? Choisissez-le à côté de la clé.</translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>Clé</translation>
    </message>
</context>
<context>
    <name>KeyboardPage</name>
    <message>
        <source>Actions and their keys</source>
        <translation>Actions et leurs touches</translation>
    </message>
    <message>
        <source>Add other keys</source>
        <translation>Autres touches</translation>
    </message>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add another shortcut</extracomment>
        <translation>Ajouter…</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Modifier…</translation>
    </message>
    <message>
        <source>Every action has its first keys again.</source>
        <translation>Chaque action a retrouvé ses touches d’origine.</translation>
    </message>
    <message>
        <source>Find an action or its keys</source>
        <translation>Trouver une action ou ses touches</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Clavier</translation>
    </message>
    <message>
        <source>No keys</source>
        <translation>Aucune touche</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>Rien ne porte ce nom.</translation>
    </message>
    <message>
        <source>Press others</source>
        <extracomment>On a button: press other keys instead</extracomment>
        <translation>En choisir d’autres</translation>
    </message>
    <message>
        <source>Reset</source>
        <extracomment>On a button: give an action its first keys again</extracomment>
        <translation>Réinitialiser</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Tout réinitialiser</translation>
    </message>
    <message>
        <source>Take keys away</source>
        <extracomment>On a button: an action then has no keys</extracomment>
        <translation>Retirer les touches</translation>
    </message>
    <message>
        <source>Take them over</source>
        <translation>Les reprendre</translation>
    </message>
    <message>
        <source>while a message has the keyboard</source>
        <translation>quand un message a le clavier</translation>
    </message>
    <message>
        <source>while the list has the keyboard</source>
        <translation>quand la liste a le clavier</translation>
    </message>
    <message>
        <source>{action}: {keys}</source>
        <translation>{action} : {keys}</translation>
    </message>
    <message>
        <source>{keys} is for “{action}”. Taken over, that has these keys no longer.</source>
        <translation>{keys} sert à « {action} ». Si vous reprenez ces touches, cette action ne les aura plus.</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Escape stops a reply and closes what is open.</source>
        <translation>Échap arrête une réponse et ferme ce qui est ouvert.</translation>
    </message>
    <message>
        <source>{keys} alone writes a character. Hold Ctrl or Alt with it.</source>
        <translation>{keys} seul écrit un caractère. Ajoutez-y Ctrl ou Alt.</translation>
    </message>
    <message>
        <source>{keys} belongs to input methods on many systems.</source>
        <translation>{keys} est réservé aux méthodes de saisie sur de nombreux systèmes.</translation>
    </message>
    <message>
        <source>{keys} is needed for writing and moving about.</source>
        <translation>{keys} est nécessaire pour écrire et se déplacer.</translation>
    </message>
    <message>
        <source>{keys} is needed for writing.</source>
        <translation>{keys} est nécessaire pour écrire.</translation>
    </message>
    <message>
        <source>{keys} writes a character on many keyboards, where it is AltGr.</source>
        <translation>{keys} écrit un caractère sur de nombreux claviers, où c’est AltGr.</translation>
    </message>
    <message>
        <source>{words} ({keys})</source>
        <extracomment>What a button does, and its keys: Stop (Esc)</extracomment>
        <translation>{words} ({keys})</translation>
    </message>
</context>
<context>
    <name>LanguageCard</name>
    <message>
        <source>Language</source>
        <translation>Langue</translation>
    </message>
    <message>
        <source>Like the system: {language}</source>
        <translation>Comme le système : {language}</translation>
    </message>
    <message>
        <source>Weir speaks {language} from its next start on.</source>
        <translation>Weir parlera {language} à son prochain démarrage.</translation>
    </message>
</context>
<context>
    <name>LineupBar</name>
    <message>
        <source>Add a model to compare</source>
        <translation>Ajouter un modèle à comparer</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Ajouter…</translation>
    </message>
    <message>
        <source>Choose one more…</source>
        <extracomment>On a button: add a model</extracomment>
        <translation>En choisir un autre…</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Comparer</translation>
    </message>
    <message>
        <source>Models to compare</source>
        <translation>Modèles à comparer</translation>
    </message>
    <message>
        <source>One model again</source>
        <translation>Un seul modèle</translation>
    </message>
</context>
<context>
    <name>LineupPopup</name>
    <message>
        <source>Choose at least two. The same model may be there twice.</source>
        <translation>Choisissez-en au moins deux. Le même modèle peut y figurer deux fois.</translation>
    </message>
    <message>
        <source>Compare which models? Up to four</source>
        <translation>Comparer quels modèles ? Quatre au plus</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the list</extracomment>
        <translation>Terminé</translation>
    </message>
    <message>
        <source>Four are chosen, and there is no room for more.</source>
        <translation>Quatre sont choisis, et il n’y a plus de place.</translation>
    </message>
    <message>
        <source>{number} of {most} chosen</source>
        <translation>{number} sur {most} choisis</translation>
    </message>
</context>
<context>
    <name>LiveConversation</name>
    <message>
        <source>A reply is still coming. Stop it first.</source>
        <translation>Une réponse est encore en cours. Arrêtez-la d’abord.</translation>
    </message>
    <message>
        <source>This long conversation is still being read. Try again in a moment.</source>
        <translation>Cette longue conversation est encore en cours de lecture. Réessayez dans un instant.</translation>
    </message>
</context>
<context>
    <name>LocalModel</name>
    <message>
        <source>Another model was chosen while this one was starting.</source>
        <translation>Un autre modèle a été choisi pendant le démarrage de celui-ci.</translation>
    </message>
    <message>
        <source>Checking the demo model…</source>
        <translation>Vérification du modèle de démonstration…</translation>
    </message>
    <message>
        <source>No chat template: this is a base model. It continues text and will ramble.</source>
        <translation>Pas de gabarit de discussion : c’est un modèle de base. Il prolonge le texte et divaguera.</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>Sur cet ordinateur</translation>
    </message>
    <message>
        <source>Part {position} of {count} is missing: “{name}” has to lie in the same folder.</source>
        <translation>La partie {position} sur {count} manque : « {name} » doit se trouver dans le même dossier.</translation>
    </message>
    <message>
        <source>Starting the model…</source>
        <translation>Démarrage du modèle…</translation>
    </message>
    <message>
        <source>The demo model could not be read: {reason}.</source>
        <translation>Le modèle de démonstration n’a pas pu être lu : {reason}.</translation>
    </message>
    <message>
        <source>The demo model is not on this computer. Run:  {command}  (93 MB), or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>Le modèle de démonstration n’est pas sur cet ordinateur. Exécutez :  {command}  (93 Mo), ou choisissez votre propre fichier GGUF sous Réglages, Sur cet ordinateur.</translation>
    </message>
    <message>
        <source>The demo model’s file is damaged: its checksum is wrong. Run:  {command} --force-reinstall</source>
        <translation>Le fichier du modèle de démonstration est endommagé : sa somme de contrôle est fausse. Exécutez :  {command} --force-reinstall</translation>
    </message>
    <message>
        <source>The engine cannot load this model: {reason}.</source>
        <translation>Ce modèle ne peut pas être chargé : {reason}.</translation>
    </message>
    <message>
        <source>The file became shorter while it was read.</source>
        <translation>Le fichier a raccourci pendant sa lecture.</translation>
    </message>
    <message>
        <source>The file is cut short: its header goes on beyond its end. Download it again.</source>
        <translation>Le fichier est tronqué : son en-tête va au-delà de sa fin. Téléchargez-le de nouveau.</translation>
    </message>
    <message>
        <source>The file is cut short: {missing} are missing. Download it again.</source>
        <translation>Le fichier est tronqué : il manque {missing}. Téléchargez-le de nouveau.</translation>
    </message>
    <message>
        <source>The file is damaged: its header is far too large.</source>
        <translation>Le fichier est endommagé : son en-tête est beaucoup trop grand.</translation>
    </message>
    <message>
        <source>The file is damaged: its header makes no sense.</source>
        <translation>Le fichier est endommagé : son en-tête n’a pas de sens.</translation>
    </message>
    <message>
        <source>The file “{name}” could not be read: {reason}.</source>
        <translation>Le fichier « {name} » n’a pas pu être lu : {reason}.</translation>
    </message>
    <message>
        <source>The file “{name}” is no longer there.</source>
        <translation>Le fichier « {name} » n’est plus là.</translation>
    </message>
    <message>
        <source>The model keeps ending unexpectedly. Wait a minute before you try again, or choose a smaller model.</source>
        <translation>Le modèle s’interrompt sans cesse de façon inattendue. Attendez une minute avant de réessayer, ou choisissez un modèle plus petit.</translation>
    </message>
    <message>
        <source>The model was stopped while it was starting.</source>
        <translation>Le modèle a été arrêté pendant son démarrage.</translation>
    </message>
    <message>
        <source>The model’s process could not be started: {reason}.</source>
        <translation>Le processus du modèle n’a pas pu être lancé : {reason}.</translation>
    </message>
    <message>
        <source>The model’s process ended unexpectedly (code {code}).</source>
        <translation>Le processus du modèle s’est terminé de façon inattendue (code {code}).</translation>
    </message>
    <message>
        <source>The part that runs models is not installed. Close Weir, run:  pip install {module}  and start Weir again.</source>
        <translation>Le composant qui exécute les modèles n’est pas installé. Fermez Weir, exécutez :  pip install {module}  puis relancez Weir.</translation>
    </message>
    <message>
        <source>The system ended the model, probably because memory ran out. It needs about {need} GB.</source>
        <translation>Le système a mis fin au modèle, sans doute faute de mémoire. Il lui faut environ {need} Go.</translation>
    </message>
    <message>
        <source>There is no ready-made part that runs models for Windows on ARM.</source>
        <translation>Il n’existe pas de composant prêt à l’emploi pour exécuter des modèles sous Windows sur ARM.</translation>
    </message>
    <message>
        <source>This GGUF file has version {version}, which is not known here.</source>
        <translation>Ce fichier GGUF est de version {version}, inconnue ici.</translation>
    </message>
    <message>
        <source>This GGUF file holds no language model.</source>
        <translation>Ce fichier GGUF ne contient pas de modèle de langage.</translation>
    </message>
    <message>
        <source>This GGUF file was made for big-endian machines and cannot be used.</source>
        <translation>Ce fichier GGUF a été fait pour des machines gros-boutistes et ne peut pas être utilisé.</translation>
    </message>
    <message>
        <source>This computer’s processor lacks instructions that the model needs (AVX2). Use a model server or a service instead.</source>
        <translation>Le processeur de cet ordinateur n’a pas les instructions dont le modèle a besoin (AVX2). Utilisez plutôt un serveur de modèles ou un service.</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the demo model. Install the copy with it, or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>Cette édition de Weir est livrée sans le modèle de démonstration. Installez celle qui le contient, ou choisissez votre propre fichier GGUF sous Réglages, Sur cet ordinateur.</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the part that runs models. Install the full one.</source>
        <translation>Cette édition de Weir est livrée sans le composant qui exécute les modèles. Installez l’édition complète.</translation>
    </message>
    <message>
        <source>This file is {what}, not a model. Choose the model's own file.</source>
        <translation>Ce fichier est {what}, pas un modèle. Choisissez le fichier du modèle lui-même.</translation>
    </message>
    <message>
        <source>This is not a GGUF file.</source>
        <translation>Ce n’est pas un fichier GGUF.</translation>
    </message>
    <message>
        <source>This is part {number} of {count}, but its name was changed. The parts must keep the names they were downloaded with.</source>
        <translation>C’est la partie {number} sur {count}, mais son nom a été changé. Les parties doivent garder les noms sous lesquels elles ont été téléchargées.</translation>
    </message>
    <message>
        <source>This is part {number} of {count}: choose the first part, “{name}”.</source>
        <translation>C’est la partie {number} sur {count} : choisissez la première, « {name} ».</translation>
    </message>
    <message>
        <source>This model is made for searching texts; it cannot chat.</source>
        <translation>Ce modèle est fait pour la recherche dans des textes ; il ne peut pas converser.</translation>
    </message>
    <message>
        <source>a measurement for making models</source>
        <translation>une mesure servant à créer des modèles</translation>
    </message>
    <message>
        <source>an adapter</source>
        <translation>un adaptateur</translation>
    </message>
    <message>
        <source>an addition to a model</source>
        <translation>un complément à un modèle</translation>
    </message>
    <message>
        <source>its chat template cannot be understood</source>
        <translation>son gabarit de discussion est incompréhensible</translation>
    </message>
    <message>
        <source>many GB</source>
        <translation>de nombreux Go</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>le disque n’a pas donné de raison</translation>
    </message>
    <message>
        <source>the name is not a file's</source>
        <translation>le nom n’est pas celui d’un fichier</translation>
    </message>
    <message>
        <source>the part of a model that sees pictures</source>
        <translation>la partie d’un modèle qui voit les images</translation>
    </message>
    <message>
        <source>{count} MB</source>
        <translation>{count} Mo</translation>
    </message>
</context>
<context>
    <name>LocalPage</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message>
        <source>A model file of your own</source>
        <translation>Votre propre fichier de modèle</translation>
    </message>
    <message>
        <source>A model that runs here needs no key and no connection. Weir starts it when you first ask it.</source>
        <translation>Un modèle exécuté ici n’a besoin ni de clé ni de connexion. Weir le démarre quand vous l’interrogez pour la première fois.</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Tous les fichiers (*)</translation>
    </message>
    <message>
        <source>Choose a GGUF file</source>
        <translation>Choisir un fichier GGUF</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>Choisir un fichier GGUF…</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Contexte</translation>
    </message>
    <message>
        <source>Demo model</source>
        <translation>Modèle de démonstration</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Fichier</translation>
    </message>
    <message>
        <source>In use</source>
        <extracomment>A model that is in use now</extracomment>
        <translation>Utilisé</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Licence</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>Modèles (*.gguf)</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>Sur cet ordinateur</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Lecture…</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Taille</translation>
    </message>
    <message>
        <source>Small and fast, for trying things out. What it says is often wrong.</source>
        <translation>Petit et rapide, pour faire des essais. Ce qu’il dit est souvent faux.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Utiliser</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>Utiliser ce modèle</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>non indiquée</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>{title} – Weir</source>
        <translation>{title} – Weir</translation>
    </message>
</context>
<context>
    <name>Meter</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message>
        <source>Demo model, often wrong</source>
        <translation>Modèle de démonstration, souvent dans l’erreur</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>Chiffres de la réponse</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>premier token {time}</translation>
    </message>
    <message>
        <source>on this computer</source>
        <translation>sur cet ordinateur</translation>
    </message>
    <message>
        <source>waiting {time}</source>
        <translation>attente {time}</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} tok/s</translation>
    </message>
</context>
<context>
    <name>ModelChip</name>
    <message>
        <source>Remove {name}</source>
        <translation>Retirer {name}</translation>
    </message>
</context>
<context>
    <name>ModelPopup</name>
    <message>
        <source>Add an endpoint…</source>
        <translation>Ajouter un point d’accès…</translation>
    </message>
    <message>
        <source>By its name</source>
        <translation>Par son nom</translation>
    </message>
    <message>
        <source>Find a model, or type its name</source>
        <translation>Trouver un modèle, ou saisir son nom</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modèles</translation>
    </message>
    <message>
        <source>No models listed yet. Type a name, or refresh.</source>
        <translation>Aucun modèle dans la liste. Saisissez un nom, ou actualisez.</translation>
    </message>
    <message>
        <source>Not refreshed. {why}</source>
        <translation>Pas actualisé. {why}</translation>
    </message>
    <message>
        <source>Refresh</source>
        <extracomment>On a button: ask for the list of models again</extracomment>
        <translation>Actualiser</translation>
    </message>
    <message>
        <source>Use “{model}” at {endpoint}</source>
        <translation>Utiliser « {model} » chez {endpoint}</translation>
    </message>
</context>
<context>
    <name>ModelQuestion</name>
    <message>
        <source>Try again with which model?</source>
        <translation>Relancer avec quel modèle ?</translation>
    </message>
</context>
<context>
    <name>Network</name>
    <message>
        <source>A SOCKS proxy takes names and passwords of at most 255 letters.</source>
        <translation>Un proxy SOCKS accepte des noms et mots de passe de 255 caractères au plus.</translation>
    </message>
    <message>
        <source>A proxy’s address begins with http://, https://, socks5:// or socks5h://.</source>
        <translation>L’adresse d’un proxy commence par http://, https://, socks5:// ou socks5h://.</translation>
    </message>
    <message>
        <source>Begin the address with socks5:// if the proxy speaks SOCKS 5; SOCKS 4 can’t be used.</source>
        <translation>Commencez l’adresse par socks5:// si le proxy parle SOCKS 5 ; SOCKS 4 n’est pas pris en charge.</translation>
    </message>
    <message>
        <source>Check this computer’s clock.</source>
        <translation>Vérifiez l’horloge de cet ordinateur.</translation>
    </message>
    <message>
        <source>Check this computer’s clock; if it is right, the service has to renew its certificate.</source>
        <translation>Vérifiez l’horloge de cet ordinateur ; si elle est juste, le service doit renouveler son certificat.</translation>
    </message>
    <message>
        <source>Enter the proxy’s address, like http://proxy.example:8080.</source>
        <translation>Saisissez l’adresse du proxy, par exemple http://proxy.example:8080.</translation>
    </message>
    <message>
        <source>If the server is yours, name its certificate’s file under Settings, Network.</source>
        <translation>Si le serveur est le vôtre, indiquez le fichier de son certificat sous Réglages, Réseau.</translation>
    </message>
    <message>
        <source>If you trust who issued it, name the file of that authority under Settings, Network.</source>
        <translation>Si vous faites confiance à l’émetteur, indiquez le fichier de cette autorité sous Réglages, Réseau.</translation>
    </message>
    <message>
        <source>Leave out what follows the port in the proxy’s address.</source>
        <translation>Omettez ce qui suit le port dans l’adresse du proxy.</translation>
    </message>
    <message>
        <source>Nothing is listening at {name}.</source>
        <translation>Rien n’écoute à {name}.</translation>
    </message>
    <message>
        <source>Something on the way shows its own: name its authority’s file under Settings, Network.</source>
        <translation>Quelque chose en chemin présente le sien : indiquez le fichier de son autorité sous Réglages, Réseau.</translation>
    </message>
    <message>
        <source>The answer could not be unpacked.</source>
        <translation>La réponse n’a pas pu être décompressée.</translation>
    </message>
    <message>
        <source>The certificate is for another name: check the address.</source>
        <translation>Le certificat est établi pour un autre nom : vérifiez l’adresse.</translation>
    </message>
    <message>
        <source>The certificates in {ca_file} are damaged. Ask for the file again.</source>
        <translation>Les certificats de {ca_file} sont endommagés. Demandez de nouveau le fichier.</translation>
    </message>
    <message>
        <source>The certificates of this system could not be read: {reason}</source>
        <translation>Les certificats de ce système n’ont pas pu être lus : {reason}</translation>
    </message>
    <message>
        <source>The endpoint's extra fields hold something that JSON can't.</source>
        <translation>Les champs en plus du point d’accès contiennent quelque chose que JSON ne permet pas.</translation>
    </message>
    <message>
        <source>The name in the proxy’s address can’t be that of a computer.</source>
        <translation>Le nom dans l’adresse du proxy ne peut pas être celui d’un ordinateur.</translation>
    </message>
    <message>
        <source>The name of one of the endpoint's headers has characters that can't be sent.</source>
        <translation>Le nom d’un des en-têtes du point d’accès contient des caractères qui ne peuvent pas être envoyés.</translation>
    </message>
    <message>
        <source>The network is unreachable.</source>
        <translation>Le réseau est injoignable.</translation>
    </message>
    <message>
        <source>The port in the proxy’s address has to be a number from 1 to 65535.</source>
        <translation>Le port dans l’adresse du proxy doit être un nombre de 1 à 65535.</translation>
    </message>
    <message>
        <source>The port is missing: a proxy’s address ends like :8080.</source>
        <translation>Il manque le port : l’adresse d’un proxy se termine par exemple par :8080.</translation>
    </message>
    <message>
        <source>The proxy answered {status}.</source>
        <translation>Le proxy a répondu {status}.</translation>
    </message>
    <message>
        <source>The proxy asks for a name and password. Put them into its address under Settings, Network: http://name:password@…</source>
        <translation>Le proxy demande un nom et un mot de passe. Mettez-les dans son adresse sous Réglages, Réseau : http://name:password@…</translation>
    </message>
    <message>
        <source>The proxy could not reach {host}: {reason}.</source>
        <translation>Le proxy n’a pas pu joindre {host} : {reason}.</translation>
    </message>
    <message>
        <source>The proxy did not accept the name and password. Enter them again under Settings, Network.</source>
        <translation>Le proxy n’a pas accepté le nom et le mot de passe. Saisissez-les de nouveau sous Réglages, Réseau.</translation>
    </message>
    <message>
        <source>The proxy named in the environment can’t be used: {error}</source>
        <translation>Le proxy nommé dans l’environnement ne peut pas être utilisé : {error}</translation>
    </message>
    <message>
        <source>The proxy’s address has to look like http://proxy.example:8080.</source>
        <translation>L’adresse du proxy doit avoir la forme http://proxy.example:8080.</translation>
    </message>
    <message>
        <source>The proxy’s name and password stand in a file. Enter the proxy anew under Settings, Network.</source>
        <translation>Le nom et le mot de passe du proxy sont dans un fichier. Saisissez de nouveau le proxy sous Réglages, Réseau.</translation>
    </message>
    <message>
        <source>The proxy’s name or password holds characters that can’t be sent.</source>
        <translation>Le nom ou le mot de passe du proxy contient des caractères qui ne peuvent pas être envoyés.</translation>
    </message>
    <message>
        <source>The proxy’s name {host} was not found.</source>
        <translation>Le nom {host} du proxy est introuvable.</translation>
    </message>
    <message>
        <source>The request could not be put into HTTP.</source>
        <translation>La requête n’a pas pu être mise en HTTP.</translation>
    </message>
    <message>
        <source>The server does not speak TLS at this port. Perhaps the address should start with http://.</source>
        <translation>Le serveur ne parle pas TLS sur ce port. L’adresse doit peut-être commencer par http://.</translation>
    </message>
    <message>
        <source>The server sends on in a circle.</source>
        <translation>Le serveur redirige en boucle.</translation>
    </message>
    <message>
        <source>The server sends on to {host}. Put that address into the endpoint if you trust it.</source>
        <translation>Le serveur redirige vers {host}. Mettez cette adresse dans le point d’accès si vous lui faites confiance.</translation>
    </message>
    <message>
        <source>The server sent too much: {error}.</source>
        <translation>Le serveur a trop envoyé : {error}.</translation>
    </message>
    <message>
        <source>The value of the header {name} has characters that can't be sent.</source>
        <translation>La valeur de l’en-tête {name} contient des caractères qui ne peuvent pas être envoyés.</translation>
    </message>
    <message>
        <source>There is a space in the proxy’s address.</source>
        <translation>L’adresse du proxy contient un espace.</translation>
    </message>
    <message>
        <source>There is no file {ca_file}. Choose the file of certificates again.</source>
        <translation>Il n’y a pas de fichier {ca_file}. Choisissez de nouveau le fichier de certificats.</translation>
    </message>
    <message>
        <source>This is an automatic configuration file (PAC), which can’t be used. Enter the proxy it names.</source>
        <translation>C’est un fichier de configuration automatique (PAC), qui n’est pas pris en charge. Saisissez le proxy qu’il nomme.</translation>
    </message>
    <message>
        <source>This is the certificate of the proxy. {words}</source>
        <translation>C’est le certificat du proxy. {words}</translation>
    </message>
    <message>
        <source>What answers at {name} is no {scheme} proxy, or it closed the connection.</source>
        <translation>Ce qui répond à {name} n’est pas un proxy {scheme}, ou a fermé la connexion.</translation>
    </message>
    <message>
        <source>a single record is larger than {limit} MB</source>
        <translation>un seul enregistrement dépasse {limit} Mo</translation>
    </message>
    <message>
        <source>{ca_file} can’t be read ({reason}). Check its permissions.</source>
        <translation>{ca_file} est illisible ({reason}). Vérifiez ses droits d’accès.</translation>
    </message>
    <message>
        <source>{ca_file} holds a private key, not certificates. Choose the certificate of the authority.</source>
        <translation>{ca_file} contient une clé privée, pas des certificats. Choisissez le certificat de l’autorité.</translation>
    </message>
    <message>
        <source>{ca_file} holds no certificates in PEM form, which begin with “-----BEGIN CERTIFICATE-----”.</source>
        <translation>{ca_file} ne contient aucun certificat au format PEM, qui commence par « -----BEGIN CERTIFICATE----- ».</translation>
    </message>
    <message>
        <source>{ca_file} is a folder. Choose the file of certificates in it.</source>
        <translation>{ca_file} est un dossier. Choisissez le fichier de certificats qu’il contient.</translation>
    </message>
    <message>
        <source>{name} did not answer in time.</source>
        <translation>{name} n’a pas répondu à temps.</translation>
    </message>
    <message>
        <source>{name} names {value}, which does not exist.</source>
        <translation>{name} indique {value}, qui n’existe pas.</translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>A file of certificates (PEM) that are trusted beside the system’s, for instance your company’s. Leave it empty where none is needed.</source>
        <translation>Un fichier de certificats (PEM) auxquels il est fait confiance en plus de ceux du système, par exemple ceux de votre entreprise. Laissez vide si aucun n’est nécessaire.</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>Certificats</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>Délais d’attente</translation>
    </message>
    <message>
        <source>How services are reached. Servers on this computer are always asked directly, and an endpoint can have a way of its own.</source>
        <translation>Comment les services sont joints. Les serveurs sur cet ordinateur sont toujours interrogés directement, et un point d’accès peut avoir sa propre voie.</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Réseau</translation>
    </message>
    <message>
        <source>Not used yet: enter its address.</source>
        <translation>Pas encore utilisé : saisissez son adresse.</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>{problem} Until then requests go as before.</source>
        <translation>{problem} D’ici là, les requêtes passent comme avant.</translation>
    </message>
</context>
<context>
    <name>NetworkText</name>
    <message>
        <source>“{text}” has to be a number of seconds from {least} to {most}.</source>
        <translation>« {text} » doit être un nombre de secondes de {least} à {most}.</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Put this notice away</source>
        <translation>Fermer cet avis</translation>
    </message>
</context>
<context>
    <name>Notifier</name>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
    <message>
        <source>The reply of {model} failed.</source>
        <translation>La réponse de {model} a échoué.</translation>
    </message>
    <message>
        <source>{model} has replied.</source>
        <translation>{model} a répondu.</translation>
    </message>
</context>
<context>
    <name>Offers</name>
    <message>
        <source>Favourites</source>
        <translation>Favoris</translation>
    </message>
    <message>
        <source>Used last</source>
        <translation>Derniers utilisés</translation>
    </message>
</context>
<context>
    <name>OnceChip</name>
    <message>
        <source>@{model} at {endpoint} answers this once</source>
        <translation>@{model} chez {endpoint} répond cette fois</translation>
    </message>
    <message>
        <source>Back to the conversation’s own model</source>
        <translation>Revenir au modèle de la conversation</translation>
    </message>
</context>
<context>
    <name>OptionField</name>
    <message>
        <source>Left to the service</source>
        <translation>Laissé au service</translation>
    </message>
    <message>
        <source>None</source>
        <comment>system prompt</comment>
        <translation>Aucun</translation>
    </message>
    <message>
        <source>Not sent</source>
        <translation>Non envoyé</translation>
    </message>
    <message>
        <source>Until then it is left to the service.</source>
        <translation>D’ici là, c’est laissé au service.</translation>
    </message>
</context>
<context>
    <name>Options</name>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>La valeur doit être comprise entre 0 et {most}.</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>La valeur doit être d’au moins {least}.</translation>
    </message>
    <message>
        <source>No model writes that much.</source>
        <translation>Aucun modèle n’écrit autant.</translation>
    </message>
    <message>
        <source>This is not a number.</source>
        <translation>Ce n’est pas un nombre.</translation>
    </message>
    <message>
        <source>This is not a whole number.</source>
        <translation>Ce n’est pas un nombre entier.</translation>
    </message>
    <message>
        <source>This number is too large.</source>
        <translation>Ce nombre est trop grand.</translation>
    </message>
</context>
<context>
    <name>OptionsPanel</name>
    <message>
        <source>All at once, when it is done</source>
        <translation>D’un coup, une fois terminée</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>À mesure qu’elle arrive</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Autant que possible</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the panel</extracomment>
        <translation>Terminé</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Élevé</translation>
    </message>
    <message>
        <source>It is kept, but not sent.</source>
        <translation>La valeur est gardée, mais pas envoyée.</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>Laissé au service</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>Réponse la plus longue, en tokens</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Faible</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Moyen</translation>
    </message>
    <message>
        <source>Minimal</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Minimal</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>Aucun</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>Options de cette conversation</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Raisonnement</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>Raisonnement, en tokens</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Tout réinitialiser</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Graine</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>S’arrêter à ces textes, un par ligne</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Prompt système</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Température</translation>
    </message>
    <message>
        <source>The number of tokens counts instead.</source>
        <translation>C’est le nombre de tokens qui compte.</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>La réponse s’affiche</translation>
    </message>
    <message>
        <source>They go with every prompt from now on, here for {model}.</source>
        <translation>Elles accompagnent désormais chaque prompt, ici pour {model}.</translation>
    </message>
    <message>
        <source>They go with every prompt from now on.</source>
        <translation>Elles accompagnent désormais chaque prompt.</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Très élevé</translation>
    </message>
</context>
<context>
    <name>Outside</name>
    <message>
        <source>Desktop</source>
        <translation>Bureau</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Question rapide</translation>
    </message>
    <message>
        <source>Settings: Desktop</source>
        <translation>Réglages : Bureau</translation>
    </message>
    <message>
        <source>notifications tray background quick question</source>
        <translation>notifications zone de notification arrière-plan question rapide</translation>
    </message>
    <message>
        <source>small window ask</source>
        <translation>petite fenêtre demander</translation>
    </message>
</context>
<context>
    <name>OwnForm</name>
    <message>
        <source>A JSON pointer to the text in each record that comes back. Leave it empty where Weir finds the text by itself, as in the usual forms.</source>
        <translation>Un pointeur JSON vers le texte dans chaque enregistrement reçu. Laissez vide si Weir trouve le texte de lui-même, comme dans les formes usuelles.</translation>
    </message>
    <message>
        <source>A form of your own</source>
        <translation>Votre propre forme</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Méthode</translation>
    </message>
    <message>
        <source>Where the text is</source>
        <translation>Emplacement du texte</translation>
    </message>
</context>
<context>
    <name>OwnWay</name>
    <message>
        <source>A PEM file that is trusted for this endpoint, in place of the one under Network.</source>
        <translation>Un fichier PEM auquel il est fait confiance pour ce point d’accès, à la place de celui sous Réseau.</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>Fichier de certificats</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>Délais d’attente</translation>
    </message>
    <message>
        <source>Network…</source>
        <translation>Réseau…</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Shows proxy, certificates and waits of this endpoint</source>
        <translation>Affiche le proxy, les certificats et les délais de ce point d’accès</translation>
    </message>
    <message>
        <source>What is left empty is as under Settings, Network.</source>
        <translation>Ce qui reste vide suit Réglages, Réseau.</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>An action, a conversation or a model</source>
        <translation>Une action, une conversation ou un modèle</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>Archives</translation>
    </message>
    <message>
        <source>Do or open anything</source>
        <translation>Faire ou ouvrir quelque chose</translation>
    </message>
    <message>
        <source>Done lately</source>
        <translation>Actions récentes</translation>
    </message>
    <message>
        <source>Latest conversations</source>
        <translation>Dernières conversations</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>Rien ne porte ce nom.</translation>
    </message>
    <message>
        <source>What fits</source>
        <translation>Ce qui correspond</translation>
    </message>
    <message>
        <source>conversation</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>conversation</translation>
    </message>
    <message>
        <source>model</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>modèle</translation>
    </message>
    <message>
        <source>not possible now</source>
        <translation>impossible actuellement</translation>
    </message>
</context>
<context>
    <name>PersonaButton</name>
    <message>
        <source>Edit personas…</source>
        <translation>Modifier les personas…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>Aucun</translation>
    </message>
    <message>
        <source>Persona: none</source>
        <translation>Persona : aucun</translation>
    </message>
    <message>
        <source>Persona: {name}</source>
        <translation>Persona : {name}</translation>
    </message>
</context>
<context>
    <name>PersonaField</name>
    <message>
        <source>Edit personas…</source>
        <translation>Modifier les personas…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>Aucun</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>Persona</translation>
    </message>
    <message>
        <source>These values are this conversation’s own by now.</source>
        <translation>Ces valeurs sont désormais propres à cette conversation.</translation>
    </message>
    <message>
        <source>This conversation keeps these values, whatever the persona becomes.</source>
        <translation>Cette conversation garde ces valeurs, quoi que devienne le persona.</translation>
    </message>
    <message>
        <source>{name}, as it was</source>
        <translation>{name}, tel qu’il était</translation>
    </message>
</context>
<context>
    <name>Personas</name>
    <message>
        <source>A conversation that was started before keeps the values that it has.</source>
        <translation>Une conversation commencée auparavant garde les valeurs qu’elle a.</translation>
    </message>
    <message>
        <source>A persona is a system prompt with a name, and the model and options that go with it. A conversation takes its values over; changing the persona later does not change the conversation.</source>
        <translation>Un persona est un prompt système avec un nom, ainsi que le modèle et les options qui l’accompagnent. Une conversation en reprend les valeurs ; modifier le persona plus tard ne change pas la conversation.</translation>
    </message>
    <message>
        <source>A persona needs a name.</source>
        <translation>Un persona a besoin d’un nom.</translation>
    </message>
    <message>
        <source>All at once, when it is done</source>
        <translation>D’un coup, une fois terminée</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>À mesure qu’elle arrive</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Autant que possible</translation>
    </message>
    <message>
        <source>For new conversations</source>
        <translation>Pour les nouvelles conversations</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Élevé</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>Laissé au service</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>Réponse la plus longue, en tokens</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Faible</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Moyen</translation>
    </message>
    <message>
        <source>Minimal</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Minimal</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modèle</translation>
    </message>
    <message>
        <source>New persona</source>
        <translation>Nouveau persona</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>Aucun</translation>
    </message>
    <message>
        <source>Nothing set</source>
        <translation>Rien de défini</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>Personas</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Raisonnement</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>Raisonnement, en tokens</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Graine</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>S’arrêter à ces textes, un par ligne</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Prompt système</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Température</translation>
    </message>
    <message>
        <source>The one chosen at the top</source>
        <translation>Celui choisi en haut</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>La réponse s’affiche</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Très élevé</translation>
    </message>
</context>
<context>
    <name>PickerButton</name>
    <message>
        <source>Choose a model</source>
        <translation>Choisir un modèle</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>Modèle : {name}</translation>
    </message>
</context>
<context>
    <name>Picture</name>
    <message>
        <source>larger than {size}</source>
        <translation>plus de {size}</translation>
    </message>
    <message>
        <source>not a picture of a kind that is shown</source>
        <translation>pas une image d’un type affichable</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>plus disponible</translation>
    </message>
    <message>
        <source>the server answered {status}</source>
        <translation>le serveur a répondu {status}</translation>
    </message>
    <message>
        <source>the server can’t be reached</source>
        <translation>le serveur est injoignable</translation>
    </message>
    <message>
        <source>the server refuses it</source>
        <translation>le serveur la refuse</translation>
    </message>
    <message>
        <source>the server sends on to another</source>
        <translation>le serveur redirige vers un autre</translation>
    </message>
</context>
<context>
    <name>PlaceHead</name>
    <message>
        <source>All conversations</source>
        <translation>Toutes les conversations</translation>
    </message>
    <message>
        <source>Empty…</source>
        <extracomment>What is done, on a button: delete what is in the bin</extracomment>
        <translation>Vider…</translation>
    </message>
</context>
<context>
    <name>PlaceList</name>
    <message>
        <source>Delete the folder, keep its conversations</source>
        <translation>Supprimer le dossier, garder ses conversations</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Dossiers</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Renommer…</translation>
    </message>
</context>
<context>
    <name>Placeholder</name>
    <message>
        <source>A problem</source>
        <translation>Un problème</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Fichier</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Image</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Enregistrement audio</translation>
    </message>
    <message>
        <source>Something else</source>
        <translation>Autre chose</translation>
    </message>
    <message>
        <source>audio</source>
        <translation>audio</translation>
    </message>
    <message>
        <source>code that the service ran</source>
        <translation>code exécuté par le service</translation>
    </message>
    <message>
        <source>content</source>
        <translation>contenu</translation>
    </message>
    <message>
        <source>file</source>
        <translation>fichier</translation>
    </message>
    <message>
        <source>hidden reasoning</source>
        <translation>raisonnement masqué</translation>
    </message>
    <message>
        <source>image</source>
        <translation>image</translation>
    </message>
    <message>
        <source>result of the code</source>
        <translation>résultat du code</translation>
    </message>
    <message>
        <source>video</source>
        <translation>vidéo</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>Conversations</source>
        <translation>Conversations</translation>
    </message>
    <message>
        <source>Endpoints, without keys</source>
        <translation>Points d’accès, sans les clés</translation>
    </message>
    <message>
        <source>Log, without texts and keys</source>
        <translation>Journal, sans textes ni clés</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>Personas</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>Prompts</translation>
    </message>
    <message>
        <source>Reports of crashes, which are sent nowhere</source>
        <translation>Rapports de plantage, qui ne sont envoyés nulle part</translation>
    </message>
</context>
<context>
    <name>PromptEdit</name>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
</context>
<context>
    <name>Prompts</name>
    <message>
        <source>New prompt</source>
        <translation>Nouveau prompt</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>Prompts</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Texte</translation>
    </message>
    <message>
        <source>Texts to be used again. Type / in an empty line where you write, and choose one.</source>
        <translation>Des textes à réutiliser. Tapez / dans une ligne vide là où vous écrivez, et choisissez-en un.</translation>
    </message>
    <message>
        <source>There is no text yet.</source>
        <translation>Il n’y a pas encore de texte.</translation>
    </message>
    <message>
        <source>To fill in: {names}</source>
        <translation>À remplir : {names}</translation>
    </message>
    <message>
        <source>Translate into {{language=English}}: {{text}}</source>
        <translation>Traduis dans cette langue : {{langue=français}}. Texte : {{texte}}</translation>
    </message>
    <message>
        <source>{{topic}} is a place to fill in, under any name; {{language=English}} is filled in already and may be changed; {{clipboard}} is what was copied last, {{date}} the date of the day.</source>
        <translation>{{sujet}} est un emplacement à remplir, sous n’importe quel nom ; {{langue=français}} est déjà rempli et peut être modifié ; {{clipboard}} est ce qui a été copié en dernier, {{date}} la date du jour.</translation>
    </message>
</context>
<context>
    <name>Provider</name>
    <message>
        <source>Google did not let this prompt through ({reason}).</source>
        <translation>Google n’a pas laissé passer ce prompt ({reason}).</translation>
    </message>
    <message>
        <source>It did not say where the reply will be.</source>
        <translation>L’emplacement de la réponse n’a pas été indiqué.</translation>
    </message>
    <message>
        <source>It failed and gave no reason.</source>
        <translation>Échec sans raison indiquée.</translation>
    </message>
    <message>
        <source>It gave no reason.</source>
        <translation>Aucune raison n’a été donnée.</translation>
    </message>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>La valeur doit être comprise entre 0 et {most}.</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>La valeur doit être d’au moins {least}.</translation>
    </message>
    <message>
        <source>Not known to {title}.</source>
        <translation>Inconnu de {title}.</translation>
    </message>
    <message>
        <source>Not together with reasoning.</source>
        <translation>Pas en même temps que le raisonnement.</translation>
    </message>
    <message>
        <source>The demo model does not reason.</source>
        <translation>Le modèle de démonstration ne raisonne pas.</translation>
    </message>
    <message>
        <source>The endpoint’s form has no {place}.</source>
        <translation>La forme du point d’accès ne comporte pas {place}.</translation>
    </message>
    <message>
        <source>The flow decides this by itself.</source>
        <translation>Le flow en décide lui-même.</translation>
    </message>
    <message>
        <source>The key for the header {header} is missing.</source>
        <translation>Il manque la clé pour l’en-tête {header}.</translation>
    </message>
    <message>
        <source>The key holds characters that can't be sent. Copy it again, without quotes or line breaks.</source>
        <translation>La clé contient des caractères qui ne peuvent pas être envoyés. Copiez-la de nouveau, sans guillemets ni sauts de ligne.</translation>
    </message>
    <message>
        <source>The list of releases</source>
        <translation>La liste des versions publiées</translation>
    </message>
    <message>
        <source>The model's server ended the reply with an error.</source>
        <translation>Le serveur du modèle a mis fin à la réponse par une erreur.</translation>
    </message>
    <message>
        <source>The prediction ended with an error.</source>
        <translation>La prédiction s’est terminée par une erreur.</translation>
    </message>
    <message>
        <source>The prediction failed.</source>
        <translation>La prédiction a échoué.</translation>
    </message>
    <message>
        <source>Together with reasoning it has to be 0.95 or more.</source>
        <translation>Avec le raisonnement, la valeur doit être d’au moins 0,95.</translation>
    </message>
    <message>
        <source>the model on this computer</source>
        <translation>le modèle sur cet ordinateur</translation>
    </message>
    <message>
        <source>your own form</source>
        <translation>votre propre forme</translation>
    </message>
    <message>
        <source>{model} does not stream. Its replies come at once.</source>
        <translation>{model} n’envoie pas de flux. Ses réponses arrivent d’un coup.</translation>
    </message>
    <message>
        <source>{model} does not take it.</source>
        <translation>{model} ne l’accepte pas.</translation>
    </message>
    <message>
        <source>“{provider}” is not known.</source>
        <translation>« {provider} » n’est pas connu.</translation>
    </message>
</context>
<context>
    <name>ProxyFields</name>
    <message>
        <source>Address of the proxy</source>
        <translation>Adresse du proxy</translation>
    </message>
    <message>
        <source>As under Settings, Network</source>
        <translation>Comme sous Réglages, Réseau</translation>
    </message>
    <message>
        <source>Begins with http://, https://, socks5:// or socks5h:// and ends in the port. If it wants a login, type http://name:password@proxy.example:8080; name and password go into the keyring.</source>
        <translation>Commence par http://, https://, socks5:// ou socks5h:// et se termine par le port. Si une identification est demandée, tapez http://name:password@proxy.example:8080 ; le nom et le mot de passe vont dans le trousseau.</translation>
    </message>
    <message>
        <source>Its name and password are in memory, for this run only.</source>
        <translation>Son nom et son mot de passe sont en mémoire, pour cette session seulement.</translation>
    </message>
    <message>
        <source>Its name and password are in the keyring. Type the address with new ones to replace them.</source>
        <translation>Son nom et son mot de passe sont dans le trousseau. Tapez l’adresse avec de nouveaux pour les remplacer.</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Comme le système</translation>
    </message>
    <message>
        <source>No proxy</source>
        <translation>Aucun proxy</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Remove name and password</source>
        <translation>Retirer le nom et le mot de passe</translation>
    </message>
    <message>
        <source>Straight to the service, whatever the system says.</source>
        <translation>Directement vers le service, quoi que dise le système.</translation>
    </message>
    <message>
        <source>The variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, on macOS and Windows the system’s settings too.</source>
        <translation>Les variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY et NO_PROXY, et aussi les réglages du système sous macOS et Windows.</translation>
    </message>
    <message>
        <source>This proxy</source>
        <translation>Ce proxy</translation>
    </message>
</context>
<context>
    <name>QuickQuestion</name>
    <message>
        <source>Choose a model first.</source>
        <translation>Choisissez d’abord un modèle.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>Lecture de vos points d’accès en cours. Envoyez de nouveau dans un instant.</translation>
    </message>
</context>
<context>
    <name>QuickWindow</name>
    <message>
        <source>Ask anything</source>
        <translation>Posez une question</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>Joindre des fichiers</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>Copy reply</source>
        <translation>Copier la réponse</translation>
    </message>
    <message>
        <source>New question</source>
        <translation>Nouvelle question</translation>
    </message>
    <message>
        <source>Open in Weir</source>
        <translation>Ouvrir dans Weir</translation>
    </message>
    <message>
        <source>Quick question – Weir</source>
        <translation>Question rapide – Weir</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>Répondre…</translation>
    </message>
    <message>
        <source>The reply was copied.</source>
        <translation>La réponse a été copiée.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. This is sent in a moment.</source>
        <translation>Lecture de vos points d’accès en cours. L’envoi se fera dans un instant.</translation>
    </message>
</context>
<context>
    <name>RecordModel</name>
    <message>
        <source>Became</source>
        <extracomment>Over a column: what Weir made of a record</extracomment>
        <translation>Devenu</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Événement</translation>
    </message>
    <message>
        <source>Gap</source>
        <extracomment>Over a column: the time between a record and the one before</extracomment>
        <translation>Écart</translation>
    </message>
    <message>
        <source>Record {number} after {time}, {size}: {became}</source>
        <translation>Enregistrement {number} après {time}, {size} : {became}</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Taille</translation>
    </message>
    <message>
        <source>Time</source>
        <extracomment>Over a column: when a record came, after the request</extracomment>
        <translation>Temps</translation>
    </message>
</context>
<context>
    <name>RecordPage</name>
    <message>
        <source>As it came</source>
        <translation>Tel que reçu</translation>
    </message>
    <message>
        <source>Choose a record in the list.</source>
        <translation>Choisissez un enregistrement dans la liste.</translation>
    </message>
    <message>
        <source>Event “{event}”.</source>
        <translation>Événement « {event} ».</translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation>Rien.</translation>
    </message>
    <message numerus="yes">
        <source>Record {number}: after {time}, {gap} after the one before; {size} in %n read(s).</source>
        <extracomment>A read is one portion of bytes as it came over the connection</extracomment>
        <translation>
            <numerusform>Enregistrement {number} : après {time}, {gap} après le précédent ; {size} en %n lecture.</numerusform>
            <numerusform>Enregistrement {number} : après {time}, {gap} après le précédent ; {size} en %n lectures.</numerusform>
        </translation>
    </message>
    <message>
        <source>What it became</source>
        <translation>Ce qu’il est devenu</translation>
    </message>
</context>
<context>
    <name>RecordView</name>
    <message>
        <source>Records</source>
        <translation>Enregistrements</translation>
    </message>
    <message>
        <source>The record was copied.</source>
        <translation>L’enregistrement a été copié.</translation>
    </message>
</context>
<context>
    <name>Recorder</name>
    <message>
        <source>Press the new keys. Escape leaves them as they are.</source>
        <translation>Appuyez sur les nouvelles touches. Échap les laisse inchangées.</translation>
    </message>
</context>
<context>
    <name>RowDelegate</name>
    <message>
        <source>Title of the conversation</source>
        <translation>Titre de la conversation</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>Archive</source>
        <comment>what is done</comment>
        <extracomment>What is done: put conversations into the archive</extracomment>
        <translation>Archiver</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Delete for good…</source>
        <translation>Supprimer définitivement…</translation>
    </message>
    <message>
        <source>Move to</source>
        <translation>Déplacer vers</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>Nom du dossier</translation>
    </message>
    <message>
        <source>Name of the tag</source>
        <translation>Nom de l’étiquette</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Nouveau dossier</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Nouveau dossier…</translation>
    </message>
    <message>
        <source>New tag</source>
        <translation>Nouvelle étiquette</translation>
    </message>
    <message>
        <source>New tag…</source>
        <translation>Nouvelle étiquette…</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>Aucun dossier</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>Épingler</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Renommer</translation>
    </message>
    <message>
        <source>Restore</source>
        <extracomment>What is done: take conversations out of the bin</extracomment>
        <translation>Restaurer</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Étiquettes</translation>
    </message>
    <message>
        <source>Take out of the archive</source>
        <extracomment>What is done: show archived conversations in the list again</extracomment>
        <translation>Retirer des archives</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>Désépingler</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search</source>
        <translation>Rechercher</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>Rechercher partout</translation>
    </message>
</context>
<context>
    <name>Serving</name>
    <message>
        <source>The message and what follows it were deleted.</source>
        <translation>Le message et ce qui le suit ont été supprimés.</translation>
    </message>
    <message>
        <source>The message was deleted.</source>
        <translation>Le message a été supprimé.</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>About</source>
        <translation>À propos</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Apparence</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Données</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>Points d’accès</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Clavier</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Réseau</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>Sur cet ordinateur</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Pages</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>Personas</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>Prompts</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Réglages</translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted for good.</source>
        <translation>
            <numerusform>%n conversation a été supprimée définitivement.</numerusform>
            <numerusform>%n conversations ont été supprimées définitivement.</numerusform>
        </translation>
    </message>
    <message>
        <source>Emptying the bin</source>
        <translation>Vidage de la corbeille</translation>
    </message>
    <message numerus="yes">
        <source>Emptying the bin: %n deleted</source>
        <translation>
            <numerusform>Vidage de la corbeille : %n supprimée</numerusform>
            <numerusform>Vidage de la corbeille : %n supprimées</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ShelfRow</name>
    <message>
        <source>Go to this row</source>
        <translation>Aller à cette ligne</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>Plus d’actions</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Ouvrir</translation>
    </message>
    <message>
        <source>on screen</source>
        <translation>à l’écran</translation>
    </message>
</context>
<context>
    <name>ShelfRows</name>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
</context>
<context>
    <name>ShelfView</name>
    <message>
        <source>Conversations</source>
        <translation>Conversations</translation>
    </message>
    <message>
        <source>Kept for 30 days</source>
        <translation>Conservées 30 jours</translation>
    </message>
    <message>
        <source>Pinned</source>
        <extracomment>Over the conversations that are kept at the top</extracomment>
        <translation>Épinglées</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <extracomment>The seven days before yesterday</extracomment>
        <translation>7 jours précédents</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Aujourd’hui</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Hier</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Always so: the list of conversations</source>
        <translation>Toujours ainsi : la liste des conversations</translation>
    </message>
    <message>
        <source>Always so: the transcript</source>
        <translation>Toujours ainsi : le fil de la conversation</translation>
    </message>
    <message>
        <source>Always so: writing</source>
        <translation>Toujours ainsi : l’écriture</translation>
    </message>
    <message>
        <source>Arrows</source>
        <extracomment>The four arrow keys</extracomment>
        <translation>Flèches</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Modifier…</translation>
    </message>
    <message>
        <source>Choose several</source>
        <translation>Choisir plusieurs</translation>
    </message>
    <message>
        <source>Copy, select all</source>
        <translation>Copier, tout sélectionner</translation>
    </message>
    <message>
        <source>Extend the selection</source>
        <translation>Étendre la sélection</translation>
    </message>
    <message>
        <source>Find a shortcut</source>
        <translation>Trouver un raccourci</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Raccourcis clavier</translation>
    </message>
    <message>
        <source>Menu</source>
        <extracomment>What a key does: open the menu</extracomment>
        <translation>Menu</translation>
    </message>
    <message>
        <source>New line</source>
        <translation>Nouvelle ligne</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>Rien ne porte ce nom.</translation>
    </message>
    <message>
        <source>Open</source>
        <extracomment>Open the conversation</extracomment>
        <translation>Ouvrir</translation>
    </message>
    <message>
        <source>Scroll</source>
        <extracomment>What keys do</extracomment>
        <translation>Défiler</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What a key does</extracomment>
        <translation>Envoyer</translation>
    </message>
    <message>
        <source>Shift and arrows</source>
        <translation>Maj et flèches</translation>
    </message>
    <message>
        <source>Shift or Ctrl and arrows, Space</source>
        <translation>Maj ou Ctrl et flèches, Espace</translation>
    </message>
    <message>
        <source>Stop, else close what is open</source>
        <translation>Arrêter, sinon fermer ce qui est ouvert</translation>
    </message>
    <message>
        <source>To a message’s actions, and the next message’s</source>
        <translation>Vers les actions d’un message, puis celles du suivant</translation>
    </message>
    <message>
        <source>To the next control, and back</source>
        <translation>Vers la commande suivante, et retour</translation>
    </message>
</context>
<context>
    <name>ShownModel</name>
    <message>
        <source>Starting the model</source>
        <translation>Démarrage du modèle</translation>
    </message>
    <message>
        <source>The model is ready.</source>
        <translation>Le modèle est prêt.</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message numerus="yes">
        <source>%n and more found</source>
        <translation>
            <numerusform>%n résultat ou plus</numerusform>
            <numerusform>%n résultats ou plus</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n résultat</numerusform>
            <numerusform>%n résultats</numerusform>
        </translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>Archives</translation>
    </message>
    <message>
        <source>Bin</source>
        <translation>Corbeille</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n conversation(s) for good?</source>
        <translation>
            <numerusform>Supprimer définitivement %n conversation ?</numerusform>
            <numerusform>Supprimer définitivement %n conversations ?</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete everything in the bin for good?</source>
        <translation>Supprimer définitivement tout le contenu de la corbeille ?</translation>
    </message>
    <message>
        <source>Delete for good</source>
        <translation>Supprimer définitivement</translation>
    </message>
    <message>
        <source>Delete this conversation for good?</source>
        <translation>Supprimer définitivement cette conversation ?</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Dossiers</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
    <message>
        <source>No conversation has this tag.</source>
        <translation>Aucune conversation ne porte cette étiquette.</translation>
    </message>
    <message>
        <source>Nothing found. Try fewer or other words.</source>
        <translation>Rien trouvé. Essayez moins de mots, ou d’autres.</translation>
    </message>
    <message>
        <source>Nothing here yet. Drag conversations onto the folder, or use their menu.</source>
        <translation>Rien ici pour l’instant. Faites glisser des conversations sur le dossier, ou utilisez leur menu.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Réglages</translation>
    </message>
    <message>
        <source>The bin is empty. What you delete is kept here for 30 days.</source>
        <translation>La corbeille est vide. Ce que vous supprimez y est conservé 30 jours.</translation>
    </message>
    <message>
        <source>This can’t be undone.</source>
        <translation>Cette action est irréversible.</translation>
    </message>
    <message>
        <source>What you archive stays out of the way here, and search still finds it.</source>
        <translation>Ce que vous archivez reste ici à l’écart, et la recherche le trouve encore.</translation>
    </message>
</context>
<context>
    <name>Spelling</name>
    <message>
        <source>Add to the dictionary</source>
        <translation>Ajouter au dictionnaire</translation>
    </message>
    <message>
        <source>Ignore</source>
        <extracomment>What is done: no longer mark a word</extracomment>
        <translation>Ignorer</translation>
    </message>
    <message>
        <source>No suggestions</source>
        <translation>Aucune suggestion</translation>
    </message>
</context>
<context>
    <name>SpellingCard</name>
    <message>
        <source>Looking for dictionaries…</source>
        <translation>Recherche de dictionnaires…</translation>
    </message>
    <message>
        <source>Mark words that no dictionary knows</source>
        <translation>Signaler les mots absents des dictionnaires</translation>
    </message>
    <message>
        <source>Spelling</source>
        <translation>Orthographe</translation>
    </message>
    <message>
        <source>This system has no dictionary that Weir can use. On Linux it is Enchant 2 with one for Hunspell, for instance libenchant-2-2 and hunspell-en-us on Debian and Ubuntu.</source>
        <translation>Ce système n’a pas de dictionnaire que Weir puisse utiliser. Sous Linux, c’est Enchant 2 avec un dictionnaire pour Hunspell, par exemple libenchant-2-2 et hunspell-fr sous Debian et Ubuntu.</translation>
    </message>
    <message>
        <source>With this system’s dictionaries: {names}. Nothing leaves this computer.</source>
        <translation>Avec les dictionnaires de ce système : {names}. Rien ne quitte cet ordinateur.</translation>
    </message>
</context>
<context>
    <name>Store</name>
    <message>
        <source>"POST", "PUT" or "GET"</source>
        <translation>"POST", "PUT" ou "GET"</translation>
    </message>
    <message>
        <source>"system", "none" or an address like http://proxy.example:8080</source>
        <translation>"system", "none" ou une adresse comme http://proxy.example:8080</translation>
    </message>
    <message>
        <source>An older Weir is running with this history. Close it, then start this one again.</source>
        <translation>Un Weir plus ancien utilise cet historique. Fermez-le, puis relancez celui-ci.</translation>
    </message>
    <message>
        <source>Another Weir has been writing to the history for too long. Close it, then try again.</source>
        <translation>Un autre Weir écrit dans l’historique depuis trop longtemps. Fermez-le, puis réessayez.</translation>
    </message>
    <message>
        <source>Another Weir is preparing the history. Wait for it, then try again.</source>
        <translation>Un autre Weir prépare l’historique. Attendez qu’il ait fini, puis réessayez.</translation>
    </message>
    <message>
        <source>Another program holds the history. Close that program, then try again.</source>
        <translation>Un autre programme bloque l’historique. Fermez ce programme, puis réessayez.</translation>
    </message>
    <message>
        <source>Here stands only the name of the key in the keyring.</source>
        <translation>Ici figure seulement le nom de la clé dans le trousseau.</translation>
    </message>
    <message>
        <source>The disk did not do what was asked of it. Check its free space and its health, then try again.</source>
        <translation>Le disque n’a pas fait ce qui lui était demandé. Vérifiez sa place libre et son état, puis réessayez.</translation>
    </message>
    <message>
        <source>The disk is full. Make room on it, then try again.</source>
        <translation>Le disque est plein. Faites-y de la place, puis réessayez.</translation>
    </message>
    <message>
        <source>The file could not be written: {why}.</source>
        <translation>Le fichier n’a pas pu être écrit : {why}.</translation>
    </message>
    <message>
        <source>The file where Weir keeps its history belongs to another program. It has not been touched. Move it elsewhere, or start Weir with another data folder.</source>
        <translation>Le fichier où Weir garde son historique appartient à un autre programme. Il n’a pas été touché. Déplacez-le, ou lancez Weir avec un autre dossier de données.</translation>
    </message>
    <message>
        <source>The history can't be opened or changed. Check the permissions of Weir's data folder.</source>
        <translation>L’historique ne peut être ni ouvert ni modifié. Vérifiez les droits du dossier de données de Weir.</translation>
    </message>
    <message>
        <source>The history file is damaged. Start Weir again: the damaged file is then set aside and kept.</source>
        <translation>Le fichier de l’historique est endommagé. Relancez Weir : le fichier endommagé sera alors mis de côté et conservé.</translation>
    </message>
    <message>
        <source>There is no file {name}.</source>
        <translation>Il n’y a pas de fichier {name}.</translation>
    </message>
    <message>
        <source>This conversation is no longer in the history.</source>
        <translation>Cette conversation n’est plus dans l’historique.</translation>
    </message>
    <message>
        <source>This history was written by a newer version of Weir. It has not been touched. Install the newer version to open it.</source>
        <translation>Cet historique a été écrit par une version plus récente de Weir. Il n’a pas été touché. Installez la version plus récente pour l’ouvrir.</translation>
    </message>
    <message>
        <source>This is too large to be saved.</source>
        <translation>C’est trop volumineux pour être enregistré.</translation>
    </message>
    <message>
        <source>Too many nested values</source>
        <translation>Trop de valeurs imbriquées</translation>
    </message>
    <message>
        <source>Weir is closing; the history can't be read.</source>
        <translation>Weir se ferme ; l’historique ne peut pas être lu.</translation>
    </message>
    <message>
        <source>Weir is closing; this was not saved.</source>
        <translation>Weir se ferme ; ceci n’a pas été enregistré.</translation>
    </message>
    <message>
        <source>Weir is running with this history. Close it first, then try again.</source>
        <translation>Weir est en marche avec cet historique. Fermez-le d’abord, puis réessayez.</translation>
    </message>
    <message>
        <source>Weir made a mistake while it used the history. The log has the details.</source>
        <translation>Weir a commis une erreur en utilisant l’historique. Le journal donne les détails.</translation>
    </message>
    <message>
        <source>a JSON object in quotation marks</source>
        <translation>un objet JSON entre guillemets</translation>
    </message>
    <message>
        <source>a JSON pointer, like /data/text</source>
        <translation>un pointeur JSON, comme /data/text</translation>
    </message>
    <message>
        <source>a list of texts, like ["one", "two"]</source>
        <translation>une liste de textes, comme ["un", "deux"]</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>un nombre</translation>
    </message>
    <message>
        <source>a number of seconds from {least} to {most}</source>
        <translation>un nombre de secondes de {least} à {most}</translation>
    </message>
    <message>
        <source>a table, like [endpoint.body]</source>
        <translation>une table, comme [endpoint.body]</translation>
    </message>
    <message>
        <source>a table, like [endpoint.headers]</source>
        <translation>une table, comme [endpoint.headers]</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>un nombre entier</translation>
    </message>
    <message>
        <source>an endpoint needs a name: add name = "…".</source>
        <translation>un point d’accès a besoin d’un nom : ajoutez name = "…".</translation>
    </message>
    <message>
        <source>another endpoint has the id “{id}” already. Give this one another id.</source>
        <translation>un autre point d’accès a déjà l’id « {id} ». Donnez-en un autre à celui-ci.</translation>
    </message>
    <message>
        <source>another one has the id “{id}” already. Give this one another id.</source>
        <translation>un autre élément a déjà l’id « {id} ». Donnez-en un autre à celui-ci.</translation>
    </message>
    <message>
        <source>each begins with [[{kind}]], in double brackets.</source>
        <translation>chacun commence par [[{kind}]], entre doubles crochets.</translation>
    </message>
    <message>
        <source>endpoints begin with [[endpoint]], in double brackets.</source>
        <translation>les points d’accès commencent par [[endpoint]], entre doubles crochets.</translation>
    </message>
    <message>
        <source>it can't be read ({reason}). Check its permissions.</source>
        <translation>le fichier est illisible ({reason}). Vérifiez ses droits d’accès.</translation>
    </message>
    <message>
        <source>it can't be written ({reason}). Check the free space and the folder's permissions.</source>
        <translation>le fichier ne peut pas être écrit ({reason}). Vérifiez la place libre et les droits du dossier.</translation>
    </message>
    <message>
        <source>it holds text that is not Unicode</source>
        <translation>le fichier contient du texte qui n’est pas de l’Unicode</translation>
    </message>
    <message>
        <source>it needs a name: add name = "…".</source>
        <translation>l’élément a besoin d’un nom : ajoutez name = "…".</translation>
    </message>
    <message>
        <source>one of {names}</source>
        <translation>l’un de {names}</translation>
    </message>
    <message>
        <source>text in quotation marks</source>
        <translation>un texte entre guillemets</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>le disque n’a pas donné de raison</translation>
    </message>
    <message>
        <source>the endpoints can't be written as TOML. Nothing was changed.</source>
        <translation>les points d’accès ne peuvent pas être écrits en TOML. Rien n’a été modifié.</translation>
    </message>
    <message>
        <source>the header “{name}” has to be text in quotation marks.</source>
        <translation>l’en-tête « {name} » doit être un texte entre guillemets.</translation>
    </message>
    <message>
        <source>the name of a key in the keyring, in quotation marks</source>
        <translation>le nom d’une clé du trousseau, entre guillemets</translation>
    </message>
    <message>
        <source>the name of an entry in the keyring, in quotation marks</source>
        <translation>le nom d’une entrée du trousseau, entre guillemets</translation>
    </message>
    <message>
        <source>the path of a file, in quotation marks</source>
        <translation>le chemin d’un fichier, entre guillemets</translation>
    </message>
    <message>
        <source>this can't be written as TOML. Nothing was changed.</source>
        <translation>ceci ne peut pas être écrit en TOML. Rien n’a été modifié.</translation>
    </message>
    <message>
        <source>this is not UTF-8 text. Save the file as UTF-8, then try again.</source>
        <translation>ce n’est pas du texte UTF-8. Enregistrez le fichier en UTF-8, puis réessayez.</translation>
    </message>
    <message>
        <source>this is not valid TOML ({reason}). Correct the line, then try again; nothing was changed.</source>
        <translation>ce n’est pas du TOML valide ({reason}). Corrigez la ligne, puis réessayez ; rien n’a été modifié.</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true ou false</translation>
    </message>
    <message>
        <source>two endpoints have the same id. Nothing was changed.</source>
        <translation>deux points d’accès ont le même id. Rien n’a été modifié.</translation>
    </message>
    <message>
        <source>{file}, line {line}: {words}</source>
        <translation>{file}, ligne {line} : {words}</translation>
    </message>
    <message>
        <source>{file}: {words}</source>
        <translation>{file} : {words}</translation>
    </message>
    <message>
        <source>“body_json” has to be a JSON object in quotation marks.</source>
        <translation>« body_json » doit être un objet JSON entre guillemets.</translation>
    </message>
    <message>
        <source>“{name}” has to be {words}.</source>
        <translation>« {name} » doit être {words}.</translation>
    </message>
    <message>
        <source>“{name}” looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints.</source>
        <translation>« {name} » ressemble à un secret. La place des clés est dans le trousseau du système : retirez-la d’ici et ajoutez-la sous Réglages, Points d’accès.</translation>
    </message>
    <message>
        <source>“{name}” of {endpoint} looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints. Nothing was changed.</source>
        <translation>« {name} » de {endpoint} ressemble à un secret. La place des clés est dans le trousseau du système : retirez-la d’ici et ajoutez-la sous Réglages, Points d’accès. Rien n’a été modifié.</translation>
    </message>
</context>
<context>
    <name>Suggestions</name>
    <message>
        <source>Suggestions</source>
        <translation>Suggestions</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>There is no summary, and nothing was sent.</source>
        <translation>Il n’y a pas de résumé, et rien n’a été envoyé.</translation>
    </message>
</context>
<context>
    <name>Telling</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted.</source>
        <translation>
            <numerusform>%n conversation a été supprimée.</numerusform>
            <numerusform>%n conversations ont été supprimées.</numerusform>
        </translation>
    </message>
    <message>
        <source>A reply has come in “{title}”.</source>
        <translation>Une réponse est arrivée dans « {title} ».</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Réglages</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>Afficher le rapport</translation>
    </message>
    <message>
        <source>Something went wrong in Weir last time. A report of it is on this computer; it was sent nowhere.</source>
        <translation>Un problème est survenu dans Weir la dernière fois. Un rapport se trouve sur cet ordinateur ; il n’a été envoyé nulle part.</translation>
    </message>
    <message>
        <source>The endpoint “{name}” was removed.</source>
        <translation>Le point d’accès « {name} » a été retiré.</translation>
    </message>
    <message>
        <source>The folder “{name}” was deleted. What was in it is kept.</source>
        <translation>Le dossier « {name} » a été supprimé. Ce qu’il contenait est conservé.</translation>
    </message>
    <message>
        <source>The reply in “{title}” failed.</source>
        <translation>La réponse dans « {title} » a échoué.</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. Keys are kept for this run only.</source>
        <translation>Cet ordinateur n’a pas de trousseau que Weir puisse utiliser. Les clés ne sont gardées que pour cette session.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>{endpoint}: {key}.</source>
        <translation>{endpoint} : {key}.</translation>
    </message>
    <message>
        <source>“{title}” was deleted.</source>
        <translation>« {title} » a été supprimée.</translation>
    </message>
</context>
<context>
    <name>TimeFields</name>
    <message>
        <source>For a connection</source>
        <translation>Pour une connexion</translation>
    </message>
    <message>
        <source>For the first words</source>
        <translation>Pour les premiers mots</translation>
    </message>
    <message>
        <source>In a silence after them</source>
        <translation>Dans un silence ensuite</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Secondes</translation>
    </message>
    <message>
        <source>s, from {least} to {most}</source>
        <extracomment>After a field for seconds: the unit, and what may stand in it</extracomment>
        <translation>s, de {least} à {most}</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message numerus="yes">
        <source>%n column(s)</source>
        <translation>
            <numerusform>%n colonne</numerusform>
            <numerusform>%n colonnes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n ligne</numerusform>
            <numerusform>%n lignes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more sentence(s) to read</source>
        <translation>
            <numerusform>Encore %n phrase à lire</numerusform>
            <numerusform>Encore %n phrases à lire</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new word(s)</source>
        <translation>
            <numerusform>%n nouveau mot</numerusform>
            <numerusform>%n nouveaux mots</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%n ligne</numerusform>
            <numerusform>%n lignes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message>
        <source>Actions of: {message}</source>
        <translation>Actions de : {message}</translation>
    </message>
    <message>
        <source>Can’t be shown: {reason}</source>
        <translation>Impossible à afficher : {reason}</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>Fermer la recherche</translation>
    </message>
    <message>
        <source>Code block</source>
        <translation>Bloc de code</translation>
    </message>
    <message>
        <source>Compare replies</source>
        <translation>Comparer les réponses</translation>
    </message>
    <message>
        <source>Continue</source>
        <extracomment>Have the model write on from where it stopped</extracomment>
        <translation>Continuer</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Conversation</translation>
    </message>
    <message>
        <source>Copied</source>
        <extracomment>Said once a text is on the clipboard</extracomment>
        <translation>Copié</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copier</translation>
    </message>
    <message>
        <source>Copy as plain text</source>
        <translation>Copier en texte brut</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Copier le code</translation>
    </message>
    <message>
        <source>Copy link address</source>
        <translation>Copier l’adresse du lien</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>Copier le message</translation>
    </message>
    <message>
        <source>Copy message as plain text</source>
        <translation>Copier le message en texte brut</translation>
    </message>
    <message>
        <source>Copy message as rich text</source>
        <translation>Copier le message en texte mis en forme</translation>
    </message>
    <message>
        <source>Copy message with its reasoning</source>
        <translation>Copier le message avec son raisonnement</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Edit</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>Modifier</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>Fichier sans nom</translation>
    </message>
    <message>
        <source>Find in the conversation</source>
        <translation>Rechercher dans la conversation</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>Rechercher…</translation>
    </message>
    <message>
        <source>Fork from here</source>
        <extracomment>Go on from this message in a conversation of its own</extracomment>
        <translation>Bifurquer d’ici</translation>
    </message>
    <message>
        <source>Go to the end</source>
        <translation>Aller à la fin</translation>
    </message>
    <message>
        <source>Go to this message</source>
        <translation>Aller à ce message</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Masquer</translation>
    </message>
    <message>
        <source>In this message</source>
        <translation>Dans ce message</translation>
    </message>
    <message>
        <source>Inspect the stream</source>
        <translation>Inspecter le flux</translation>
    </message>
    <message>
        <source>Instructions</source>
        <extracomment>Over a message: who wrote it</extracomment>
        <translation>Instructions</translation>
    </message>
    <message>
        <source>Interrupted when Weir ended</source>
        <translation>Interrompue à la fermeture de Weir</translation>
    </message>
    <message>
        <source>It asks to wait {time}.</source>
        <translation>Attente demandée : {time}.</translation>
    </message>
    <message>
        <source>Line across the page</source>
        <translation>Ligne de séparation</translation>
    </message>
    <message numerus="yes">
        <source>List of %n item(s)</source>
        <translation>
            <numerusform>Liste de %n élément</numerusform>
            <numerusform>Liste de %n éléments</numerusform>
        </translation>
    </message>
    <message>
        <source>Load from {host}</source>
        <translation>Charger depuis {host}</translation>
    </message>
    <message>
        <source>Load picture</source>
        <translation>Charger l’image</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Chargement…</translation>
    </message>
    <message>
        <source>Message actions</source>
        <translation>Actions du message</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>Plus d’actions</translation>
    </message>
    <message>
        <source>New text</source>
        <translation>Nouveau texte</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Résultat suivant</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>Version suivante</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>Aucun résultat</translation>
    </message>
    <message>
        <source>Note {mark}</source>
        <translation>Note {mark}</translation>
    </message>
    <message>
        <source>Of what is above this line the model sees only a summary</source>
        <translation>De ce qui est au-dessus de cette ligne, le modèle ne voit qu’un résumé</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Ouvrir le lien</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>Ouvrir les réglages</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Image</translation>
    </message>
    <message>
        <source>Picture that can’t be shown</source>
        <translation>Image impossible à afficher</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>Résultat précédent</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>Version précédente</translation>
    </message>
    <message>
        <source>Quote</source>
        <translation>Citation</translation>
    </message>
    <message>
        <source>Reply</source>
        <extracomment>Over a message whose model is not known</extracomment>
        <translation>Réponse</translation>
    </message>
    <message>
        <source>Reply finished</source>
        <translation>Réponse terminée</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Enregistrer</translation>
    </message>
    <message>
        <source>Save code</source>
        <translation>Enregistrer le code</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>Tout sélectionner</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Afficher</translation>
    </message>
    <message numerus="yes">
        <source>Show all %n line(s)</source>
        <translation>
            <numerusform>Afficher la ligne</numerusform>
            <numerusform>Afficher les %n lignes</numerusform>
        </translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>Afficher moins</translation>
    </message>
    <message>
        <source>Stopped</source>
        <extracomment>Under a reply that the user stopped</extracomment>
        <translation>Arrêtée</translation>
    </message>
    <message numerus="yes">
        <source>Summary of %n message(s)</source>
        <translation>
            <numerusform>Résumé de %n message</numerusform>
            <numerusform>Résumé de %n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Summary without the %n oldest message(s)</source>
        <translation>
            <numerusform>Résumé sans le message le plus ancien</numerusform>
            <numerusform>Résumé sans les %n messages les plus anciens</numerusform>
        </translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tableau</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>Le modèle a refusé de répondre</translation>
    </message>
    <message>
        <source>The model no longer sees what is above this line</source>
        <translation>Le modèle ne voit plus ce qui est au-dessus de cette ligne</translation>
    </message>
    <message>
        <source>The reply failed.</source>
        <translation>La réponse a échoué.</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>Raisonnement…</translation>
    </message>
    <message>
        <source>Thought for {time}</source>
        <translation>Raisonnement : {time}</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <extracomment>Over the reasoning of a model</extracomment>
        <translation>Raisonnement</translation>
    </message>
    <message>
        <source>Tool call: {name}</source>
        <translation>Appel d’outil : {name}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Relancer</translation>
    </message>
    <message>
        <source>Try again with…</source>
        <translation>Relancer avec…</translation>
    </message>
    <message>
        <source>Unwrap</source>
        <extracomment>What is done, on a button: lines of code are not broken where the room ends, or are</extracomment>
        <translation>Sans retour</translation>
    </message>
    <message>
        <source>Version {number} of {count}</source>
        <translation>Version {number} sur {count}</translation>
    </message>
    <message>
        <source>Waiting for the first word…</source>
        <translation>En attente du premier mot…</translation>
    </message>
    <message>
        <source>Wrap</source>
        <translation>Retour auto</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Vous</translation>
    </message>
    <message>
        <source>can’t be shown here</source>
        <translation>impossible à afficher ici</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>premier token {time}</translation>
    </message>
    <message>
        <source>not a picture</source>
        <translation>pas une image</translation>
    </message>
    <message>
        <source>text</source>
        <extracomment>The language of a code block that names none</extracomment>
        <translation>texte</translation>
    </message>
    <message>
        <source>{day}, {time}</source>
        <translation>{day}, {time}</translation>
    </message>
    <message>
        <source>{place} of {count}</source>
        <extracomment>Which match of how many: 3 of 12</extracomment>
        <translation>{place} sur {count}</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} tok/s</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more row(s)</source>
        <translation>
            <numerusform>… et encore %n ligne</numerusform>
            <numerusform>… et encore %n lignes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TitleField</name>
    <message>
        <source>Title of the conversation</source>
        <translation>Titre de la conversation</translation>
    </message>
</context>
<context>
    <name>Transfer</name>
    <message numerus="yes">
        <source>%n conversation(s) came in from the file.</source>
        <translation>
            <numerusform>%n conversation a été importée du fichier.</numerusform>
            <numerusform>%n conversations ont été importées du fichier.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) came in from {source}.</source>
        <translation>
            <numerusform>%n conversation a été importée de {source}.</numerusform>
            <numerusform>%n conversations ont été importées de {source}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) or file(s) are not in the export and are shown by their names.</source>
        <translation>
            <numerusform>%n image ou fichier manque dans l’export et est affiché par son nom.</numerusform>
            <numerusform>%n images ou fichiers manquent dans l’export et sont affichés par leurs noms.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n that were here got new messages.</source>
        <translation>
            <numerusform>%n conversation déjà présente a reçu de nouveaux messages.</numerusform>
            <numerusform>%n conversations déjà présentes ont reçu de nouveaux messages.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were left out.</source>
        <translation>
            <numerusform>%n élément a été omis.</numerusform>
            <numerusform>%n éléments ont été omis.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <translation>
            <numerusform>%n était déjà là.</numerusform>
            <numerusform>%n étaient déjà là.</numerusform>
        </translation>
    </message>
    <message>
        <source>It was cancelled before its end; what had come in stays.</source>
        <translation>L’opération a été annulée avant la fin ; ce qui était importé reste.</translation>
    </message>
    <message>
        <source>Markdown</source>
        <translation>Markdown</translation>
    </message>
    <message>
        <source>PDF</source>
        <translation>PDF</translation>
    </message>
    <message>
        <source>Web page (HTML)</source>
        <translation>Page web (HTML)</translation>
    </message>
    <message>
        <source>Weir archive (JSON)</source>
        <translation>Archive Weir (JSON)</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more.</source>
        <translation>
            <numerusform>… et %n autre.</numerusform>
            <numerusform>… et %n autres.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TransferDoor</name>
    <message numerus="yes">
        <source>%n conversation(s) are back.</source>
        <translation>
            <numerusform>%n conversation est revenue.</numerusform>
            <numerusform>%n conversations sont revenues.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) could not be read.</source>
        <translation>
            <numerusform>%n conversation n’a pas pu être lue.</numerusform>
            <numerusform>%n conversations n’ont pas pu être lues.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) were saved as {name}.</source>
        <translation>
            <numerusform>%n conversation a été enregistrée sous {name}.</numerusform>
            <numerusform>%n conversations ont été enregistrées sous {name}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) could not be read.</source>
        <translation>
            <numerusform>%n élément n’a pas pu être lu.</numerusform>
            <numerusform>%n éléments n’ont pas pu être lus.</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Tous les fichiers (*)</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>Récupérer</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Copier en texte</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Détails</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exporter</translation>
    </message>
    <message>
        <source>Export conversations</source>
        <translation>Exporter des conversations</translation>
    </message>
    <message>
        <source>Exports and archives (*.zip *.json *.weir *.db)</source>
        <translation>Exports et archives (*.zip *.json *.weir *.db)</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>Importer des conversations</translation>
    </message>
    <message>
        <source>The conversation was copied.</source>
        <translation>La conversation a été copiée.</translation>
    </message>
    <message>
        <source>The conversation was saved as {name}.</source>
        <translation>La conversation a été enregistrée sous {name}.</translation>
    </message>
    <message>
        <source>The history was damaged. It was set aside whole as {name}. What the newest good backup has and what can still be read can be brought back.</source>
        <translation>L’historique était endommagé. Il est mis de côté en entier sous le nom {name}. Le contenu de la dernière bonne sauvegarde et ce qui reste lisible peuvent être récupérés.</translation>
    </message>
    <message>
        <source>Weir conversations</source>
        <translation>Conversations de Weir</translation>
    </message>
    <message>
        <source>{form}…</source>
        <translation>{form}…</translation>
    </message>
</context>
<context>
    <name>TransferWork</name>
    <message>
        <source>Bringing conversations back</source>
        <translation>Récupération des conversations</translation>
    </message>
    <message>
        <source>Bringing conversations in</source>
        <translation>Importation des conversations</translation>
    </message>
    <message>
        <source>Saving conversations</source>
        <translation>Enregistrement des conversations</translation>
    </message>
    <message>
        <source>The export was cancelled; no file was written.</source>
        <translation>L’export a été annulé ; aucun fichier n’a été écrit.</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>New conversation</source>
        <translation>Nouvelle conversation</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Question rapide</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Show or hide Weir</source>
        <translation>Afficher ou masquer Weir</translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n modèle</numerusform>
            <numerusform>%n modèles</numerusform>
        </translation>
    </message>
    <message>
        <source>Asking {host}…</source>
        <translation>Interrogation de {host}…</translation>
    </message>
    <message>
        <source>Connected to {address}</source>
        <translation>Connecté à {address}</translation>
    </message>
    <message>
        <source>Connecting to {address}…</source>
        <translation>Connexion à {address}…</translation>
    </message>
    <message>
        <source>It says: “{words}”</source>
        <translation>Réponse : « {words} »</translation>
    </message>
    <message>
        <source>Looking up {host}…</source>
        <translation>Recherche de {host}…</translation>
    </message>
    <message>
        <source>Not encrypted: the address begins with http://</source>
        <translation>Non chiffré : l’adresse commence par http://</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted</source>
        <translation>Connexion sécurisée, certificat de confiance</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted ({version})</source>
        <extracomment>{version} is the protocol, such as TLS 1.3</extracomment>
        <translation>Connexion sécurisée, certificat de confiance ({version})</translation>
    </message>
    <message>
        <source>Securing the connection…</source>
        <translation>Sécurisation de la connexion…</translation>
    </message>
    <message>
        <source>The key was accepted</source>
        <translation>La clé a été acceptée</translation>
    </message>
    <message>
        <source>The models are listed without a key too; the first prompt shows whether it is right</source>
        <translation>La liste des modèles est donnée même sans clé ; le premier prompt montrera si elle est bonne</translation>
    </message>
    <message>
        <source>The proxy {proxy} lets it through</source>
        <translation>Le proxy {proxy} laisse passer</translation>
    </message>
    <message>
        <source>Through the proxy {proxy}…</source>
        <translation>Par le proxy {proxy}…</translation>
    </message>
    <message>
        <source>Waiting for the answer…</source>
        <translation>Attente de la réponse…</translation>
    </message>
    <message>
        <source>{host} is {address}</source>
        <translation>{host} est {address}</translation>
    </message>
    <message numerus="yes">
        <source>{host} is {address} and %n more</source>
        <extracomment>A name and the addresses it stands for: how many there are besides the one that is named</extracomment>
        <translation>
            <numerusform>{host} est {address} et %n autre</numerusform>
            <numerusform>{host} est {address} et %n autres</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TuneButton</name>
    <message>
        <source>Options of this conversation</source>
        <translation>Options de cette conversation</translation>
    </message>
    <message numerus="yes">
        <source>Options of this conversation: %n set</source>
        <translation>
            <numerusform>Options de cette conversation : %n définie</numerusform>
            <numerusform>Options de cette conversation : %n définies</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Turn</name>
    <message>
        <source>Reading the prompt</source>
        <translation>Lecture du prompt</translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation>Nouvel essai</translation>
    </message>
    <message>
        <source>Trying again in {seconds} s</source>
        <translation>Nouvel essai dans {seconds} s</translation>
    </message>
</context>
<context>
    <name>UpdatesCard</name>
    <message>
        <source>Asking…</source>
        <extracomment>While the newest version is asked for</extracomment>
        <translation>Interrogation…</translation>
    </message>
    <message>
        <source>Check for updates</source>
        <translation>Rechercher des mises à jour</translation>
    </message>
    <message>
        <source>Check once a day when Weir starts</source>
        <translation>Rechercher une fois par jour au démarrage de Weir</translation>
    </message>
    <message>
        <source>It was not made from a published release, so it does not know where newer ones would be.</source>
        <translation>Ce Weir ne vient pas d’une version publiée ; il ne sait donc pas où trouver les plus récentes.</translation>
    </message>
    <message>
        <source>Nothing is asked until you press the button.</source>
        <translation>Rien n’est demandé avant que vous n’appuyiez sur le bouton.</translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation>Ouvrir sa page</translation>
    </message>
    <message>
        <source>The list of releases can’t be reached. You may be offline; try again when you are not.</source>
        <translation>La liste des versions publiées est injoignable. Vous êtes peut-être hors ligne ; réessayez une fois connecté.</translation>
    </message>
    <message>
        <source>The list of releases does not say what the newest version is. Try again later.</source>
        <translation>La liste des versions publiées n’indique pas la dernière version. Réessayez plus tard.</translation>
    </message>
    <message>
        <source>There is no newer one.</source>
        <translation>Il n’y en a pas de plus récente.</translation>
    </message>
    <message>
        <source>This is Weir {version}.</source>
        <translation>Ceci est Weir {version}.</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>Mises à jour</translation>
    </message>
    <message>
        <source>Version {version} is there. Conversations and settings stay as they are.</source>
        <translation>La version {version} est disponible. Les conversations et les réglages restent tels quels.</translation>
    </message>
    <message>
        <source>{host} can’t be reached. You may be offline; try again when you are not.</source>
        <translation>{host} est injoignable. Vous êtes peut-être hors ligne ; réessayez une fois connecté.</translation>
    </message>
    <message>
        <source>{host} did not say what the newest version is. Try again later.</source>
        <translation>{host} n’a pas indiqué la dernière version. Réessayez plus tard.</translation>
    </message>
</context>
<context>
    <name>Usage</name>
    <message numerus="yes">
        <source>%n of them in the bin</source>
        <translation>
            <numerusform>dont %n dans la corbeille</numerusform>
            <numerusform>dont %n dans la corbeille</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies came without any counts, for instance from other programs, and are left out.</source>
        <translation>
            <numerusform>%n réponse est arrivée sans aucun chiffre, par exemple d’un autre programme, et n’est pas comptée.</numerusform>
            <numerusform>%n réponses sont arrivées sans aucun chiffre, par exemple d’autres programmes, et ne sont pas comptées.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies have no price</source>
        <translation>
            <numerusform>%n réponse n’a pas de prix</numerusform>
            <numerusform>%n réponses n’ont pas de prix</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s) were saved as {name}.</source>
        <translation>
            <numerusform>%n ligne a été enregistrée sous {name}.</numerusform>
            <numerusform>%n lignes ont été enregistrées sous {name}.</numerusform>
        </translation>
    </message>
    <message>
        <source>(without a name)</source>
        <translation>(sans nom)</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 jours</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7 jours</translation>
    </message>
    <message>
        <source>90 days</source>
        <translation>90 jours</translation>
    </message>
    <message>
        <source>&lt;{amount}</source>
        <extracomment>Less than an amount of money</extracomment>
        <translation>&lt;{amount}</translation>
    </message>
    <message>
        <source>A year</source>
        <translation>Un an</translation>
    </message>
    <message>
        <source>All</source>
        <extracomment>A period: all the time</extracomment>
        <translation>Tout</translation>
    </message>
    <message>
        <source>All endpoints</source>
        <translation>Tous les points d’accès</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Tous les fichiers (*)</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>Tous les modèles</translation>
    </message>
    <message>
        <source>As CSV, with the conversations’ titles…</source>
        <translation>En CSV, avec les titres des conversations…</translation>
    </message>
    <message>
        <source>As CSV…</source>
        <translation>En CSV…</translation>
    </message>
    <message>
        <source>Cached</source>
        <extracomment>Over a column: tokens that came from a cache</extracomment>
        <translation>En cache</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>Graphiques</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>Valeurs séparées par des virgules (*.csv)</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>Coût</translation>
    </message>
    <message>
        <source>Counted is what services stated, in US dollars, at list price where they state no cost. What has no price, such as models on this computer, adds nothing to the cost.</source>
        <translation>Sont comptés les chiffres indiqués par les services, en dollars américains, au prix catalogue quand ils n’indiquent pas de coût. Ce qui n’a pas de prix, comme les modèles sur cet ordinateur, n’ajoute rien au coût.</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <extracomment>Over a column, and a choice in the usage window: which endpoint was asked</extracomment>
        <translation>Point d’accès</translation>
    </message>
    <message>
        <source>Export usage</source>
        <translation>Exporter la consommation</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exporter…</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>Premier token</translation>
    </message>
    <message>
        <source>In</source>
        <extracomment>Tokens in, over a column</extracomment>
        <translation>Entrée</translation>
    </message>
    <message>
        <source>Model</source>
        <extracomment>Over a column, and a choice in the usage window: which model was asked</extracomment>
        <translation>Modèle</translation>
    </message>
    <message>
        <source>Models: {names}</source>
        <translation>Modèles : {names}</translation>
    </message>
    <message>
        <source>Nothing in this time</source>
        <translation>Rien sur cette période</translation>
    </message>
    <message>
        <source>Others</source>
        <extracomment>In a legend: the models that have no colour of their own</extracomment>
        <translation>Autres</translation>
    </message>
    <message>
        <source>Out</source>
        <extracomment>Tokens out, over a column</extracomment>
        <translation>Sortie</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Raisonnement</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>Réponses</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Vitesse</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tableau</translation>
    </message>
    <message>
        <source>The arrow keys go through it; the table has every number.</source>
        <translation>Les touches fléchées le parcourent ; le tableau donne tous les chiffres.</translation>
    </message>
    <message>
        <source>Time to first token</source>
        <translation>Temps jusqu’au premier token</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>Tokens en entrée</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>Tokens en sortie</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>Tokens par seconde</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>Consommation</translation>
    </message>
    <message>
        <source>Usage as a table</source>
        <translation>Consommation en tableau</translation>
    </message>
    <message>
        <source>Week from {day}</source>
        <translation>Semaine du {day}</translation>
    </message>
    <message>
        <source>What is in the bin counts, what was deleted for good no longer does. Summaries of long conversations count as replies; titles that the model wrote are not counted.</source>
        <translation>Ce qui est dans la corbeille compte, ce qui a été supprimé définitivement ne compte plus. Les résumés de longues conversations comptent comme des réponses ; les titres écrits par le modèle ne sont pas comptés.</translation>
    </message>
    <message>
        <source>When</source>
        <extracomment>Over a column: the day, the week or the month</extracomment>
        <translation>Quand</translation>
    </message>
    <message>
        <source>in and out</source>
        <translation>entrée et sortie</translation>
    </message>
    <message>
        <source>mean per day</source>
        <translation>moyenne par jour</translation>
    </message>
    <message>
        <source>mean per month</source>
        <translation>moyenne par mois</translation>
    </message>
    <message>
        <source>mean per week</source>
        <translation>moyenne par semaine</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>rien</translation>
    </message>
    <message>
        <source>on average</source>
        <translation>en moyenne</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a cost</extracomment>
        <translation>inconnu</translation>
    </message>
    <message>
        <source>{count} for reasoning</source>
        <extracomment>{count} is a number of tokens in short: 3.2k</extracomment>
        <translation>{count} pour le raisonnement</translation>
    </message>
    <message>
        <source>{model} {value}</source>
        <extracomment>A model and what was used of it: gpt-5 1,234</extracomment>
        <translation>{model} {value}</translation>
    </message>
    <message>
        <source>{name} per day</source>
        <translation>{name} par jour</translation>
    </message>
    <message>
        <source>{name} per month</source>
        <translation>{name} par mois</translation>
    </message>
    <message>
        <source>{name} per week</source>
        <translation>{name} par semaine</translation>
    </message>
    <message numerus="yes">
        <source>{name}, %n step(s) from {first} to {last}. Highest: {title}, {top}.</source>
        <translation>
            <numerusform>{name}, %n étape de {first} à {last}. Maximum : {title}, {top}.</numerusform>
            <numerusform>{name}, %n étapes de {first} à {last}. Maximum : {title}, {top}.</numerusform>
        </translation>
    </message>
    <message>
        <source>{name}: nothing in this time.</source>
        <translation>{name} : rien sur cette période.</translation>
    </message>
    <message>
        <source>{share} of it from a cache</source>
        <translation>dont {share} depuis un cache</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} tok/s</translation>
    </message>
</context>
<context>
    <name>Used</name>
    <message>
        <source>Cost</source>
        <translation>Coût</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>Premier token</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Vitesse</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>Tokens en entrée</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>Tokens en sortie</translation>
    </message>
    <message>
        <source>Whole reply</source>
        <translation>Réponse entière</translation>
    </message>
    <message>
        <source>of them for reasoning</source>
        <translation>dont raisonnement</translation>
    </message>
    <message>
        <source>of them from a cache</source>
        <translation>dont depuis un cache</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a figure</extracomment>
        <translation>inconnu</translation>
    </message>
    <message>
        <source>{speed} tokens per second</source>
        <translation>{speed} tokens par seconde</translation>
    </message>
</context>
<context>
    <name>Vault</name>
    <message>
        <source>The keyring</source>
        <translation>Le trousseau</translation>
    </message>
    <message>
        <source>The keyring is locked or did not answer. Unlock it, then try again.</source>
        <translation>Le trousseau est verrouillé ou n’a pas répondu. Déverrouillez-le, puis réessayez.</translation>
    </message>
    <message>
        <source>The keyring is not set up yet, or its question was dismissed. Open your system's password manager once to set it up, or keep the key for this run only.</source>
        <translation>Le trousseau n’est pas encore configuré, ou sa question a été refermée. Ouvrez une fois le gestionnaire de mots de passe de votre système pour le configurer, ou gardez la clé pour cette session seulement.</translation>
    </message>
    <message>
        <source>The keyring set up for Python ({name}) can't be used. Correct that setting, or keep the key for this run only.</source>
        <translation>Le trousseau configuré pour Python ({name}) ne peut pas être utilisé. Corrigez ce réglage, ou gardez la clé pour cette session seulement.</translation>
    </message>
    <message>
        <source>There is no key in this text. Paste the key as the service shows it.</source>
        <translation>Il n’y a pas de clé dans ce texte. Collez la clé telle que le service l’affiche.</translation>
    </message>
    <message>
        <source>There is no keyring on this system to keep the key in. Install one, for instance GNOME Keyring or KWallet, or keep the key for this run only.</source>
        <translation>Il n’y a pas de trousseau sur ce système pour garder la clé. Installez-en un, par exemple GNOME Keyring ou KWallet, ou gardez la clé pour cette session seulement.</translation>
    </message>
    <message>
        <source>This key is longer than {name} can keep. Check that only the key was pasted.</source>
        <translation>Cette clé est plus longue que ce que {name} peut garder. Vérifiez que seule la clé a été collée.</translation>
    </message>
    <message>
        <source>Weir is closing; the keyring is not asked any more.</source>
        <translation>Weir se ferme ; le trousseau n’est plus interrogé.</translation>
    </message>
    <message>
        <source>{name} did not delete the key. Unlock it and try again, or delete it in your password manager.</source>
        <translation>{name} n’a pas supprimé la clé. Déverrouillez-le et réessayez, ou supprimez-la dans votre gestionnaire de mots de passe.</translation>
    </message>
    <message>
        <source>{name} did not give the key. Unlock it and try again, or enter the key for this run only.</source>
        <translation>{name} n’a pas donné la clé. Déverrouillez-le et réessayez, ou saisissez la clé pour cette session seulement.</translation>
    </message>
    <message>
        <source>{name} did not take the key. Unlock it and try again, or keep the key for this run only.</source>
        <translation>{name} n’a pas pris la clé. Déverrouillez-le et réessayez, ou gardez la clé pour cette session seulement.</translation>
    </message>
    <message>
        <source>{name} took the key but did not give it back, so it may not be stored. Try again, or keep the key for this run only.</source>
        <translation>{name} a pris la clé mais ne l’a pas rendue ; elle n’est donc peut-être pas enregistrée. Réessayez, ou gardez la clé pour cette session seulement.</translation>
    </message>
</context>
<context>
    <name>Windows</name>
    <message>
        <source>Close the window</source>
        <translation>Fermer la fenêtre</translation>
    </message>
    <message>
        <source>New window</source>
        <translation>Nouvelle fenêtre</translation>
    </message>
    <message>
        <source>Open in a window of its own</source>
        <translation>Ouvrir dans une fenêtre à part</translation>
    </message>
    <message>
        <source>Open in new window</source>
        <translation>Ouvrir dans une nouvelle fenêtre</translation>
    </message>
    <message>
        <source>new window detach</source>
        <translation>nouvelle fenêtre détacher</translation>
    </message>
</context>
<context>
    <name>Wishes</name>
    <message>
        <source>Import</source>
        <translation>Importer</translation>
    </message>
    <message>
        <source>Read the conversations in “{name}” into your history? What is there stays as it is.</source>
        <translation>Lire les conversations de « {name} » dans votre historique ? Ce qui s’y trouve reste tel quel.</translation>
    </message>
    <message>
        <source>Weir can't open “{name}”. It opens models (.gguf) and archives (.zip, .json, .weir, .db).</source>
        <translation>Weir ne peut pas ouvrir « {name} ». Il ouvre les modèles (.gguf) et les archives (.zip, .json, .weir, .db).</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>${amount}</source>
        <extracomment>A price in US dollars</extracomment>
        <translation>{amount} $</translation>
    </message>
    <message>
        <source>MMM yyyy</source>
        <extracomment>How a month is written, by Qt's QDate: MMMM is its name, MMM its short name, yyyy the year</extracomment>
        <translation>MMM yyyy</translation>
    </message>
    <message>
        <source>MMMM yyyy</source>
        <translation>MMMM yyyy</translation>
    </message>
    <message>
        <source>d MMM</source>
        <translation>d MMM</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <extracomment>How a day is written, by Qt's QDate: d is the day, MMM the short name of the month, yyyy the year</extracomment>
        <translation>d MMM yyyy</translation>
    </message>
    <message>
        <source>ddd d MMM yyyy</source>
        <extracomment>How a day is written, by Qt's QDate: ddd is the short name of the day of the week</extracomment>
        <translation>ddd d MMM yyyy</translation>
    </message>
    <message>
        <source>{before}, {after}</source>
        <extracomment>Joins short texts that are no sentence: a name, its size, its state</extracomment>
        <translation>{before}, {after}</translation>
    </message>
    <message>
        <source>{before}, {after}</source>
        <comment>a list</comment>
        <extracomment>Joins the names in a list</extracomment>
        <translation>{before}, {after}</translation>
    </message>
    <message>
        <source>{first} {next}</source>
        <extracomment>Two sentences one after the other; languages that write no space between them leave it out</extracomment>
        <translation>{first} {next}</translation>
    </message>
    <message>
        <source>{minutes} min {seconds} s</source>
        <extracomment>Minutes and seconds, in short</extracomment>
        <translation>{minutes} min {seconds} s</translation>
    </message>
    <message>
        <source>{name}: {value}</source>
        <extracomment>A value after its name, such as Cost: $0.12</extracomment>
        <translation>{name} : {value}</translation>
    </message>
    <message>
        <source>{number} ms</source>
        <extracomment>Milliseconds, in short</extracomment>
        <translation>{number} ms</translation>
    </message>
    <message>
        <source>{number} s</source>
        <extracomment>Seconds, in short</extracomment>
        <translation>{number} s</translation>
    </message>
    <message>
        <source>{number} µs</source>
        <extracomment>Microseconds, in short</extracomment>
        <translation>{number} µs</translation>
    </message>
    <message>
        <source>{number}B</source>
        <comment>thousands of millions</comment>
        <translation>{number} Md</translation>
    </message>
    <message>
        <source>{number}M</source>
        <comment>millions</comment>
        <translation>{number} M</translation>
    </message>
    <message>
        <source>{number}k</source>
        <comment>thousands</comment>
        <translation>{number} k</translation>
    </message>
    <message>
        <source>{number} %</source>
        <extracomment>A share in percent, such as 42 %</extracomment>
        <translation>{number} %</translation>
    </message>
</context>
<context>
    <name>WorkRow</name>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Cancel: {work}</source>
        <translation>Annuler : {work}</translation>
    </message>
    <message>
        <source>{work} – is being ended</source>
        <translation>{work} – arrêt en cours</translation>
    </message>
</context>
<context>
    <name>WorkStrip</name>
    <message>
        <source>What takes long</source>
        <translation>Ce qui prend du temps</translation>
    </message>
</context>
<context>
    <name>Works</name>
    <message>
        <source>Making today’s copy of the history</source>
        <translation>Copie du jour de l’historique</translation>
    </message>
    <message>
        <source>Opening and checking the history</source>
        <translation>Ouverture et vérification de l’historique</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>encore quelques secondes</translation>
    </message>
    <message numerus="yes">
        <source>about %n h left</source>
        <translation>
            <numerusform>encore environ %n h</numerusform>
            <numerusform>encore environ %n h</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n min left</source>
        <translation>
            <numerusform>encore environ %n min</numerusform>
            <numerusform>encore environ %n min</numerusform>
        </translation>
    </message>
    <message>
        <source>about a minute left</source>
        <translation>encore environ une minute</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>encore moins d’une minute</translation>
    </message>
</context>
<context>
    <name>Writing</name>
    <message>
        <source>Attach files</source>
        <translation>Joindre des fichiers</translation>
    </message>
</context>
<context>
    <name>_Model</name>
    <message>
        <source>no keys</source>
        <translation>aucune touche</translation>
    </message>
</context>
<context>
    <name>_RowDelegate</name>
    <message>
        <source>{count} ×</source>
        <extracomment>How many times a model was chosen</extracomment>
        <translation>{count} ×</translation>
    </message>
</context>
</TS>
