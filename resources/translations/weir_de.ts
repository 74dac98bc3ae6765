<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>Keys are kept in this computer’s keyring.</source>
        <translation>Schlüssel liegen im Schlüsselbund dieses Rechners.</translation>
    </message>
    <message>
        <source>Keys are kept in {keyring}, under the name “weir”. They are in no file of Weir’s and in no log.</source>
        <translation>Schlüssel liegen in {keyring}, unter dem Namen „weir“. Sie stehen in keiner Datei von Weir und in keinem Protokoll.</translation>
    </message>
    <message>
        <source>SmolLM2 135M Instruct, the demo model</source>
        <translation>SmolLM2 135M Instruct, das Demomodell</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use, so keys are not stored. A key you enter is kept in memory and forgotten when Weir ends; one in an environment variable is used from there.</source>
        <translation>Dieser Rechner hat keinen Schlüsselbund, den Weir benutzen kann; Schlüssel werden deshalb nicht gespeichert. Ein eingegebener Schlüssel bleibt im Arbeitsspeicher und ist vergessen, wenn Weir endet; einer in einer Umgebungsvariablen wird von dort genommen.</translation>
    </message>
    <message>
        <source>the prices of genai-prices</source>
        <translation>die Preise von genai-prices</translation>
    </message>
    <message>
        <source>ziamath, ziafont, latex2mathml, with the font STIX Two Math</source>
        <translation>ziamath, ziafont, latex2mathml, mit der Schrift STIX Two Math</translation>
    </message>
</context>
<context>
    <name>AboutPage</name>
    <message>
        <source>About</source>
        <translation>Über Weir</translation>
    </message>
    <message>
        <source>Conversations are in a database on this computer. What you send goes to the endpoint you chose and to nobody else. Weir has no account and no statistics, and asks nobody for updates unless you say so.</source>
        <translation>Die Unterhaltungen liegen in einer Datenbank auf diesem Rechner. Was Sie senden, geht an den gewählten Endpunkt und an niemanden sonst. Weir hat kein Konto und keine Statistik und fragt nirgends nach Updates, solange Sie das nicht wünschen.</translation>
    </message>
    <message>
        <source>Made of</source>
        <extracomment>Over a list of what Weir is made of, and the licences</extracomment>
        <translation>Bestandteile</translation>
    </message>
    <message>
        <source>Weir itself is under the MIT License.</source>
        <translation>Weir selbst steht unter der MIT-Lizenz.</translation>
    </message>
    <message>
        <source>Your data</source>
        <translation>Ihre Daten</translation>
    </message>
    <message>
        <source>Your keys</source>
        <translation>Ihre Schlüssel</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Archive the conversation</source>
        <translation>Unterhaltung archivieren</translation>
    </message>
    <message>
        <source>Attach files…</source>
        <translation>Dateien anhängen …</translation>
    </message>
    <message>
        <source>Cancel what takes long</source>
        <translation>Langwieriges abbrechen</translation>
    </message>
    <message>
        <source>Change the last prompt</source>
        <translation>Letzten Prompt ändern</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>Modell wählen …</translation>
    </message>
    <message>
        <source>Colours like the system</source>
        <translation>Farben wie das System</translation>
    </message>
    <message>
        <source>Compare models…</source>
        <translation>Modelle vergleichen …</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Unterhaltung</translation>
    </message>
    <message>
        <source>Dark colours</source>
        <translation>Dunkle Farben</translation>
    </message>
    <message>
        <source>Delete the conversation</source>
        <translation>Unterhaltung löschen</translation>
    </message>
    <message>
        <source>Delete the message that has the keyboard</source>
        <translation>Nachricht mit dem Tastaturfokus löschen</translation>
    </message>
    <message>
        <source>Delete what is chosen in the list</source>
        <translation>In der Liste Ausgewähltes löschen</translation>
    </message>
    <message>
        <source>Do or open anything…</source>
        <translation>Etwas ausführen oder öffnen …</translation>
    </message>
    <message>
        <source>Do what the newest notice offers, such as Undo</source>
        <translation>Angebot der neuesten Mitteilung annehmen, etwa Rückgängig</translation>
    </message>
    <message>
        <source>Find in the conversation…</source>
        <translation>In der Unterhaltung suchen …</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Its next version</source>
        <translation>Nächste Fassung der Nachricht</translation>
    </message>
    <message>
        <source>Its version before</source>
        <translation>Vorige Fassung der Nachricht</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Keyboard to the next part of the window</source>
        <translation>Tastatur in den nächsten Teil des Fensters</translation>
    </message>
    <message>
        <source>Keyboard to the part before</source>
        <translation>Tastatur in den vorigen Teil</translation>
    </message>
    <message>
        <source>Larger text and controls</source>
        <translation>Text und Bedienelemente größer</translation>
    </message>
    <message>
        <source>Light colours</source>
        <translation>Helle Farben</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>Nächste Unterhaltung</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Nächster Treffer</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>Normale Größe</translation>
    </message>
    <message>
        <source>Open conversation {number}</source>
        <translation>Unterhaltung {number} öffnen</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>Optionen dieser Unterhaltung</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>Anheften</translation>
    </message>
    <message>
        <source>Pin the conversation</source>
        <translation>Unterhaltung anheften</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>Vorige Unterhaltung</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>Voriger Treffer</translation>
    </message>
    <message>
        <source>Program</source>
        <extracomment>A group of actions: those about Weir itself</extracomment>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Reading</source>
        <extracomment>A group of actions: those about reading a conversation</extracomment>
        <translation>Lesen</translation>
    </message>
    <message>
        <source>Rename in the list</source>
        <translation>In der Liste umbenennen</translation>
    </message>
    <message>
        <source>Rename the conversation…</source>
        <translation>Unterhaltung umbenennen …</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>Antworten</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>Alles durchsuchen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Settings: About</source>
        <translation>Einstellungen: Über Weir</translation>
    </message>
    <message>
        <source>Settings: Appearance</source>
        <translation>Einstellungen: Darstellung</translation>
    </message>
    <message>
        <source>Settings: Data</source>
        <translation>Einstellungen: Daten</translation>
    </message>
    <message>
        <source>Settings: Endpoints</source>
        <translation>Einstellungen: Endpunkte</translation>
    </message>
    <message>
        <source>Settings: Keyboard</source>
        <translation>Einstellungen: Tastatur</translation>
    </message>
    <message>
        <source>Settings: Network</source>
        <translation>Einstellungen: Netzwerk</translation>
    </message>
    <message>
        <source>Settings: On this computer</source>
        <translation>Einstellungen: Auf diesem Rechner</translation>
    </message>
    <message>
        <source>Settings: Personas</source>
        <translation>Einstellungen: Personas</translation>
    </message>
    <message>
        <source>Settings: Prompts</source>
        <translation>Einstellungen: Prompts</translation>
    </message>
    <message>
        <source>Shelf</source>
        <extracomment>A group of actions: those about the list of conversations</extracomment>
        <translation>Seitenleiste</translation>
    </message>
    <message>
        <source>Show or hide the folders</source>
        <translation>Ordner ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Show or hide the shelf</source>
        <translation>Seitenleiste ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Show or leave the archive</source>
        <translation>Archiv zeigen oder verlassen</translation>
    </message>
    <message>
        <source>Show or leave the bin</source>
        <translation>Papierkorb zeigen oder verlassen</translation>
    </message>
    <message>
        <source>Show the last replies side by side</source>
        <translation>Letzte Antworten nebeneinander zeigen</translation>
    </message>
    <message>
        <source>Smaller text and controls</source>
        <translation>Text und Bedienelemente kleiner</translation>
    </message>
    <message>
        <source>Stop the reply</source>
        <translation>Antwort anhalten</translation>
    </message>
    <message>
        <source>Try the last reply again</source>
        <translation>Letzte Antwort noch einmal versuchen</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>Lösen</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>Verbrauch</translation>
    </message>
    <message>
        <source>View</source>
        <extracomment>A group of actions: how the window looks</extracomment>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Write a prompt</source>
        <translation>Prompt schreiben</translation>
    </message>
    <message>
        <source>Writing</source>
        <extracomment>A group of actions: those about writing a prompt</extracomment>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>colours theme motion titles</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>Farben Thema Design Bewegung Titel</translation>
    </message>
    <message>
        <source>compare</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>vergleichen</translation>
    </message>
    <message>
        <source>conversation bin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>Unterhaltung Papierkorb</translation>
    </message>
    <message>
        <source>cost tokens statistics</source>
        <translation>Kosten Tokens Statistik</translation>
    </message>
    <message>
        <source>exit</source>
        <translation>beenden schließen</translation>
    </message>
    <message>
        <source>help keys</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>Hilfe Tasten</translation>
    </message>
    <message>
        <source>import export backup archive</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>Import Export Sicherung Backup Archiv</translation>
    </message>
    <message>
        <source>import export stop</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>Import Export anhalten</translation>
    </message>
    <message>
        <source>local model GGUF</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>lokales Modell GGUF</translation>
    </message>
    <message>
        <source>preferences</source>
        <translation>Optionen Präferenzen</translation>
    </message>
    <message>
        <source>prompt</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>Prompt</translation>
    </message>
    <message>
        <source>proxy certificates timeout</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>Proxy Zertifikate Wartezeit Timeout</translation>
    </message>
    <message>
        <source>regenerate</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>neu erzeugen</translation>
    </message>
    <message>
        <source>services keys API</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>Dienste Schlüssel API</translation>
    </message>
    <message>
        <source>shortcuts keys</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>Kürzel Tasten</translation>
    </message>
    <message>
        <source>side by side several</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>nebeneinander mehrere</translation>
    </message>
    <message>
        <source>sidebar</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>Leiste Liste</translation>
    </message>
    <message>
        <source>system prompt assistant role</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>Systemprompt Assistent Rolle</translation>
    </message>
    <message>
        <source>system prompt temperature reasoning</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>Systemprompt Temperatur Überlegungen</translation>
    </message>
    <message>
        <source>templates snippets library slash</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>Vorlagen Bausteine Bibliothek Schrägstrich</translation>
    </message>
    <message>
        <source>theme appearance</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>Thema Design Darstellung</translation>
    </message>
    <message>
        <source>title</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>Titel</translation>
    </message>
    <message>
        <source>unpin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>lösen</translation>
    </message>
    <message>
        <source>version updates licences where files</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>Version Updates Lizenzen wo Dateien</translation>
    </message>
    <message>
        <source>zoom</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>Zoom</translation>
    </message>
</context>
<context>
    <name>AppearancePage</name>
    <message>
        <source>Appearance</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Dark</source>
        <comment>colours</comment>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Glide</source>
        <extracomment>A choice under Motion: what is shown glides to its place</extracomment>
        <translation>Gleiten</translation>
    </message>
    <message>
        <source>Have a screen reader say the answer while it comes</source>
        <translation>Antwort vom Vorleseprogramm sprechen lassen, während sie kommt</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Keep the start of the answer at the top</source>
        <translation>Anfang der Antwort oben halten</translation>
    </message>
    <message>
        <source>Let the model write them</source>
        <translation>Vom Modell schreiben lassen</translation>
    </message>
    <message>
        <source>Light</source>
        <comment>colours</comment>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>Bewegung</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>Normale Größe</translation>
    </message>
    <message>
        <source>Reduced: jump at once</source>
        <translation>Reduziert: sofort springen</translation>
    </message>
    <message>
        <source>Size of text and controls</source>
        <translation>Größe von Text und Bedienelementen</translation>
    </message>
    <message>
        <source>The first question and its answer are then sent once more to the service that answered, which costs a few tokens. Without this the title is taken from the question.</source>
        <translation>Die erste Frage und ihre Antwort gehen dann noch einmal an den Dienst, der geantwortet hat; das kostet einige Tokens. Sonst wird der Titel aus der Frage gebildet.</translation>
    </message>
    <message>
        <source>There are keys for this, too; Keyboard lists them.</source>
        <translation>Auch dafür gibt es Tasten; sie stehen unter Tastatur.</translation>
    </message>
    <message>
        <source>Titles of conversations</source>
        <translation>Titel der Unterhaltungen</translation>
    </message>
    <message>
        <source>While a reply comes</source>
        <translation>Während eine Antwort kommt</translation>
    </message>
    <message>
        <source>Without this the end is followed until you scroll up.</source>
        <translation>Sonst bleibt das Ende im Bild, bis Sie nach oben blättern.</translation>
    </message>
</context>
<context>
    <name>Archive</name>
    <message>
        <source>A conversation</source>
        <translation>Eine Unterhaltung</translation>
    </message>
    <message>
        <source>A file</source>
        <translation>Eine Datei</translation>
    </message>
    <message>
        <source>A file in the zip is damaged. Download the export again.</source>
        <translation>Eine Datei im ZIP-Archiv ist beschädigt. Laden Sie den Export noch einmal herunter.</translation>
    </message>
    <message>
        <source>Call of {name}</source>
        <translation>Aufruf von {name}</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Unterhaltung</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Unterhaltungen</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>Datei ohne Namen</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>Anweisungen</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>Unterbrochen</translation>
    </message>
    <message>
        <source>It has something in it that can’t be read.</source>
        <translation>Sie enthält etwas, das sich nicht lesen lässt.</translation>
    </message>
    <message>
        <source>It has too many messages.</source>
        <translation>Sie hat zu viele Nachrichten.</translation>
    </message>
    <message>
        <source>It is a link, not a file.</source>
        <translation>Es ist eine Verknüpfung, keine Datei.</translation>
    </message>
    <message>
        <source>It is encrypted.</source>
        <translation>Sie ist verschlüsselt.</translation>
    </message>
    <message>
        <source>It is nested too deeply.</source>
        <translation>Sie ist zu tief verschachtelt.</translation>
    </message>
    <message>
        <source>It is no conversation of a program that Weir knows.</source>
        <translation>Es ist keine Unterhaltung eines Programms, das Weir kennt.</translation>
    </message>
    <message>
        <source>It is no conversation.</source>
        <translation>Es ist keine Unterhaltung.</translation>
    </message>
    <message>
        <source>It is not whole.</source>
        <translation>Sie ist nicht vollständig.</translation>
    </message>
    <message>
        <source>It is packed in a way that no export uses.</source>
        <translation>Sie ist auf eine Weise gepackt, die kein Export benutzt.</translation>
    </message>
    <message>
        <source>It is too large.</source>
        <translation>Sie ist zu groß.</translation>
    </message>
    <message>
        <source>It was written by a newer version of Weir. Install that version to read it.</source>
        <translation>Sie stammt von einer neueren Version von Weir. Installieren Sie diese, um sie zu lesen.</translation>
    </message>
    <message>
        <source>It would grow too large when it is unpacked.</source>
        <translation>Sie würde beim Entpacken zu groß.</translation>
    </message>
    <message>
        <source>Its name leads out of the archive.</source>
        <translation>Ihr Name führt aus dem Archiv hinaus.</translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation>Eingefügter Text</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>The archive is too large to be an export.</source>
        <translation>Das Archiv ist zu groß für einen Export.</translation>
    </message>
    <message>
        <source>The file could not be read or written: {reason}.</source>
        <translation>Die Datei konnte nicht gelesen oder geschrieben werden: {reason}.</translation>
    </message>
    <message>
        <source>The file has a text in it that is too large to be one of a conversation.</source>
        <translation>Die Datei enthält einen Text, der für eine Unterhaltung zu groß ist.</translation>
    </message>
    <message>
        <source>The file has something in it that is not JSON.</source>
        <translation>Die Datei enthält etwas, das kein JSON ist.</translation>
    </message>
    <message>
        <source>The file holds no conversations.</source>
        <translation>Die Datei enthält keine Unterhaltungen.</translation>
    </message>
    <message>
        <source>The file in the archive is damaged.</source>
        <translation>Die Datei im Archiv ist beschädigt.</translation>
    </message>
    <message>
        <source>The file is not a whole zip file. Download it again.</source>
        <translation>Die ZIP-Datei ist nicht vollständig. Laden Sie sie noch einmal herunter.</translation>
    </message>
    <message>
        <source>The file is not whole, or it is not JSON.</source>
        <translation>Die Datei ist nicht vollständig oder kein JSON.</translation>
    </message>
    <message>
        <source>The file is too large to come along.</source>
        <translation>Die Datei ist zu groß, um mitzukommen.</translation>
    </message>
    <message>
        <source>The folder has too many files to be an export.</source>
        <translation>Der Ordner hat zu viele Dateien für einen Export.</translation>
    </message>
    <message>
        <source>The zip file claims more than it holds. It was not read.</source>
        <translation>Die ZIP-Datei gibt mehr an, als sie enthält. Sie wurde nicht gelesen.</translation>
    </message>
    <message>
        <source>The zip file has too many files to be an export.</source>
        <translation>Die ZIP-Datei hat zu viele Dateien für einen Export.</translation>
    </message>
    <message>
        <source>There are no conversations in this file that Weir knows. It reads the exports of ChatGPT, Claude, Open WebUI and LibreChat, and its own.</source>
        <translation>In dieser Datei sind keine Unterhaltungen, die Weir kennt. Es liest die Exporte von ChatGPT, Claude, Open WebUI und LibreChat und seine eigenen.</translation>
    </message>
    <message>
        <source>There is another file of the same name.</source>
        <translation>Es gibt eine weitere Datei mit demselben Namen.</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>Diese Datei gibt es nicht.</translation>
    </message>
    <message>
        <source>There is nothing here that makes PDF files.</source>
        <translation>Hier ist nichts vorhanden, was PDF-Dateien erzeugt.</translation>
    </message>
    <message>
        <source>There is nothing in it.</source>
        <translation>Sie ist leer.</translation>
    </message>
    <message>
        <source>There was nothing that could be exported.</source>
        <translation>Es gab nichts zu exportieren.</translation>
    </message>
    <message>
        <source>This can’t be written as pages.</source>
        <translation>Das lässt sich nicht in Seiten schreiben.</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>Diese Unterhaltung gibt es nicht mehr.</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>Überlegungen</translation>
    </message>
    <message>
        <source>Weir made a mistake with this file. The log has the details.</source>
        <translation>Weir hat bei dieser Datei einen Fehler gemacht. Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>What {tool} said</source>
        <translation>Ergebnis von {tool}</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>a tool</source>
        <translation>ein Werkzeug</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>{ending}: {failure}</source>
        <translation>{ending}: {failure}</translation>
    </message>
    <message>
        <source>{name} (too large to come along)</source>
        <translation>{name} (zu groß, um mitzukommen)</translation>
    </message>
    <message>
        <source>{why} Nothing came in.</source>
        <translation>{why} Es wurde nichts übernommen.</translation>
    </message>
</context>
<context>
    <name>Arrivals</name>
    <message>
        <source>a new reply</source>
        <translation>eine neue Antwort</translation>
    </message>
    <message>
        <source>a reply is coming</source>
        <translation>eine Antwort kommt</translation>
    </message>
    <message>
        <source>the reply failed</source>
        <translation>die Antwort ist fehlgeschlagen</translation>
    </message>
</context>
<context>
    <name>Attachment</name>
    <message>
        <source>it can't be read</source>
        <translation>sie ist nicht lesbar</translation>
    </message>
    <message>
        <source>“{name}” could not be read: {reason}.</source>
        <translation>„{name}“ konnte nicht gelesen werden: {reason}.</translation>
    </message>
    <message>
        <source>“{name}” is a document that Weir can't read. Save it as PDF or as text first.</source>
        <translation>„{name}“ ist ein Dokument, das Weir nicht lesen kann. Speichern Sie es zuerst als PDF oder als Text.</translation>
    </message>
    <message>
        <source>“{name}” is a folder. Attach the files in it.</source>
        <translation>„{name}“ ist ein Ordner. Hängen Sie die Dateien darin an.</translation>
    </message>
    <message>
        <source>“{name}” is damaged: it can't be read as a PDF.</source>
        <translation>„{name}“ ist beschädigt und lässt sich nicht als PDF lesen.</translation>
    </message>
    <message>
        <source>“{name}” is empty.</source>
        <translation>„{name}“ ist leer.</translation>
    </message>
    <message>
        <source>“{name}” is locked with a password. Save a copy without one.</source>
        <translation>„{name}“ ist mit einem Passwort geschützt. Speichern Sie eine Kopie ohne Passwort.</translation>
    </message>
    <message>
        <source>“{name}” is neither text, a PDF nor an image that Weir can send.</source>
        <translation>„{name}“ ist weder Text noch PDF noch ein Bild, das Weir senden kann.</translation>
    </message>
    <message>
        <source>“{name}” is no ordinary file.</source>
        <translation>„{name}“ ist keine gewöhnliche Datei.</translation>
    </message>
    <message numerus="yes">
        <source>“{name}” is too large to send ({size}). Files may have {most}, and texts %n letter(s).</source>
        <translation>
            <numerusform>„{name}“ ist zu groß zum Senden ({size}). Dateien dürfen {most} haben, Texte ein Zeichen.</numerusform>
            <numerusform>„{name}“ ist zu groß zum Senden ({size}). Dateien dürfen {most} haben, Texte %n Zeichen.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message numerus="yes">
        <source>A prompt takes %n attachment(s) at most.</source>
        <translation>
            <numerusform>Ein Prompt nimmt höchstens einen Anhang auf.</numerusform>
            <numerusform>Ein Prompt nimmt höchstens %n Anhänge auf.</numerusform>
        </translation>
    </message>
    <message>
        <source>“{name}” could not be read.</source>
        <translation>„{name}“ konnte nicht gelesen werden.</translation>
    </message>
</context>
<context>
    <name>BuiltIn</name>
    <message>
        <source>Answer an e-mail</source>
        <translation>E-Mail beantworten</translation>
    </message>
    <message>
        <source>Brief</source>
        <translation>Knapp</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>Lektor</translation>
    </message>
    <message>
        <source>Explain simply</source>
        <translation>Einfach erklären</translation>
    </message>
    <message>
        <source>Programmer</source>
        <translation>Programmierer</translation>
    </message>
    <message>
        <source>Proofread</source>
        <translation>Korrekturlesen</translation>
    </message>
    <message>
        <source>Review code</source>
        <translation>Code prüfen</translation>
    </message>
    <message>
        <source>Summarise</source>
        <translation>Zusammenfassen</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>Übersetzen</translation>
    </message>
    <message>
        <source>Tutor</source>
        <translation>Tutor</translation>
    </message>
</context>
<context>
    <name>BusNotices</name>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
</context>
<context>
    <name>CertificateField</name>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>Zertifikate (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen …</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>Zertifikatsdatei</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Preview</source>
        <extracomment>What stands beside the name of a file, for those who do not see it</extracomment>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Put the pasted text into the prompt</source>
        <translation>Eingefügten Text in den Prompt übernehmen</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Wird gelesen …</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>{name} entfernen</translation>
    </message>
    <message>
        <source>Show</source>
        <comment>in the prompt</comment>
        <extracomment>On a button: put the pasted text into the prompt</extracomment>
        <translation>Einfügen</translation>
    </message>
    <message>
        <source>{name}, being read</source>
        <translation>{name}, wird gelesen</translation>
    </message>
    <message numerus="yes">
        <source>{size}, ≈ %n token(s)</source>
        <extracomment>An attachment, and about how many tokens it is</extracomment>
        <translation>
            <numerusform>{size}, ≈ %n Token</numerusform>
            <numerusform>{size}, ≈ %n Tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Chips</name>
    <message>
        <source>Attachments</source>
        <translation>Anhänge</translation>
    </message>
</context>
<context>
    <name>CodeFile</name>
    <message>
        <source>Save code</source>
        <translation>Code speichern</translation>
    </message>
    <message>
        <source>The file could not be written: {reason}.</source>
        <translation>Die Datei konnte nicht geschrieben werden: {reason}.</translation>
    </message>
</context>
<context>
    <name>Column</name>
    <message>
        <source>Continue with the reply of {model}</source>
        <translation>Mit der Antwort von {model} fortfahren</translation>
    </message>
    <message>
        <source>Continue with this reply</source>
        <translation>Mit dieser Antwort fortfahren</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>Zahlen zur Antwort</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Reply of {model}</source>
        <translation>Antwort von {model}</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Stop {model}</source>
        <translation>{model} anhalten</translation>
    </message>
    <message>
        <source>{model} ({number})</source>
        <extracomment>A model that is there more than once, and which of them it is</extracomment>
        <translation>{model} ({number})</translation>
    </message>
    <message>
        <source>{model}: reply ended</source>
        <translation>{model}: Antwort abgebrochen</translation>
    </message>
    <message>
        <source>{model}: reply finished</source>
        <translation>{model}: Antwort fertig</translation>
    </message>
</context>
<context>
    <name>Companion</name>
    <message>
        <source>Answers this prompt alone</source>
        <translation>Antwortet nur auf diesen Prompt</translation>
    </message>
    <message>
        <source>Enter takes it, Esc leaves the text</source>
        <translation>Eingabe übernimmt, Esc lässt den Text stehen</translation>
    </message>
    <message>
        <source>Manage…</source>
        <translation>Verwalten …</translation>
    </message>
    <message>
        <source>Not filled in yet: {names}. Send once more to send it as it is.</source>
        <translation>Noch nicht ausgefüllt: {names}. Noch einmal senden, um es so zu senden.</translation>
    </message>
    <message>
        <source>Tab leads to the next place to fill in</source>
        <translation>Tab führt zur nächsten auszufüllenden Stelle</translation>
    </message>
    <message>
        <source>“{name}”</source>
        <extracomment>A name in quotation marks</extracomment>
        <translation>„{name}“</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Back to the conversation</source>
        <translation>Zurück zur Unterhaltung</translation>
    </message>
    <message>
        <source>Replies side by side</source>
        <translation>Antworten nebeneinander</translation>
    </message>
</context>
<context>
    <name>ComposeDoor</name>
    <message>
        <source>/ for your prompts, @ for another model this once</source>
        <translation>/ für Ihre Prompts, @ für einmalig ein anderes Modell</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Ask anything</source>
        <translation>Fragen Sie etwas</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>Dateien anhängen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter breaks the line</source>
        <translation>Eingabe sendet, Umschalt+Eingabe beginnt eine neue Zeile</translation>
    </message>
    <message>
        <source>Esc stops all replies</source>
        <translation>Esc hält alle Antworten an</translation>
    </message>
    <message>
        <source>Esc stops the reply</source>
        <translation>Esc hält die Antwort an</translation>
    </message>
    <message>
        <source>Pasted image.png</source>
        <translation>Eingefügtes Bild.png</translation>
    </message>
    <message>
        <source>Pasted text.txt</source>
        <translation>Eingefügter Text.txt</translation>
    </message>
    <message>
        <source>Reading the attachments…</source>
        <translation>Anhänge werden gelesen …</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translation>Alle anhalten</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Hält an …</translation>
    </message>
    <message>
        <source>This waits here until the replies have ended.</source>
        <translation>Das wartet hier, bis die Antworten zu Ende sind.</translation>
    </message>
    <message>
        <source>This waits here until the reply has ended.</source>
        <translation>Das wartet hier, bis die Antwort zu Ende ist.</translation>
    </message>
    <message>
        <source>Your earlier prompt. What was said after it stays, as another branch.</source>
        <translation>Ihr früherer Prompt. Was danach gesagt wurde, bleibt als eigener Zweig erhalten.</translation>
    </message>
</context>
<context>
    <name>Context</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n Token</numerusform>
            <numerusform>%n Tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n word(s) so far. Your prompt follows.</source>
        <translation>
            <numerusform>Bisher ein Wort. Ihr Prompt folgt.</numerusform>
            <numerusform>Bisher %n Wörter. Ihr Prompt folgt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n token(s). How many the model can read at once is unknown.</source>
        <translation>
            <numerusform>Etwa %n Token. Wie viele das Modell auf einmal lesen kann, ist unbekannt.</numerusform>
            <numerusform>Etwa %n Tokens. Wie viele das Modell auf einmal lesen kann, ist unbekannt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s).</source>
        <translation>
            <numerusform>Etwa {taken} von %n Token.</numerusform>
            <numerusform>Etwa {taken} von %n Tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s): that leaves too little room for a reply.</source>
        <translation>
            <numerusform>Etwa {taken} von %n Token: Für eine Antwort bleibt zu wenig Platz.</numerusform>
            <numerusform>Etwa {taken} von %n Tokens: Für eine Antwort bleibt zu wenig Platz.</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask me</source>
        <translation>Nachfragen</translation>
    </message>
    <message>
        <source>Change…</source>
        <extracomment>On a button: change what happens to long conversations</extracomment>
        <translation>Ändern …</translation>
    </message>
    <message>
        <source>Context window</source>
        <translation>Kontextfenster</translation>
    </message>
    <message>
        <source>Context window, in tokens</source>
        <translation>Kontextfenster, in Tokens</translation>
    </message>
    <message numerus="yes">
        <source>It fits without the %n oldest message(s), up to “{last}”.</source>
        <translation>
            <numerusform>Ohne die älteste Nachricht („{last}“) passt es.</numerusform>
            <numerusform>Ohne die %n ältesten Nachrichten, bis „{last}“, passt es.</numerusform>
        </translation>
    </message>
    <message>
        <source>Leave out the oldest</source>
        <translation>Älteste weglassen</translation>
    </message>
    <message>
        <source>Leave them out</source>
        <translation>Weglassen</translation>
    </message>
    <message>
        <source>Nothing is left to leave out. Shorten what you write.</source>
        <translation>Es gibt nichts mehr wegzulassen. Kürzen Sie, was Sie schreiben.</translation>
    </message>
    <message>
        <source>Nothing is sent until it is shorter.</source>
        <translation>Solange es nicht kürzer ist, wird nichts gesendet.</translation>
    </message>
    <message>
        <source>Send everything</source>
        <translation>Alles senden</translation>
    </message>
    <message>
        <source>Send nothing</source>
        <translation>Nichts senden</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Summarise the oldest</source>
        <translation>Älteste zusammenfassen</translation>
    </message>
    <message>
        <source>Summarise them</source>
        <extracomment>On a button: summarise the oldest messages</extracomment>
        <translation>Zusammenfassen</translation>
    </message>
    <message>
        <source>The limit is from the list that comes with Weir.</source>
        <translation>Die Grenze stammt aus der Liste, die Weir mitbringt.</translation>
    </message>
    <message>
        <source>The limit is the one that the model is started with here.</source>
        <translation>Die Grenze ist die, mit der das Modell hier gestartet wird.</translation>
    </message>
    <message>
        <source>The limit is the service’s own.</source>
        <translation>Die Grenze nennt der Dienst selbst.</translation>
    </message>
    <message>
        <source>The limit was set by hand.</source>
        <translation>Die Grenze wurde von Hand gesetzt.</translation>
    </message>
    <message numerus="yes">
        <source>The service refused this as too long: about %n token(s).</source>
        <translation>
            <numerusform>Der Dienst hat das als zu lang abgelehnt: etwa %n Token.</numerusform>
            <numerusform>Der Dienst hat das als zu lang abgelehnt: etwa %n Tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This does not fit any more: about {taken} of %n token(s).</source>
        <translation>
            <numerusform>Das passt nicht mehr: etwa {taken} von %n Token.</numerusform>
            <numerusform>Das passt nicht mehr: etwa {taken} von %n Tokens.</numerusform>
        </translation>
    </message>
    <message>
        <source>Until then it is as it was.</source>
        <translation>Bis dahin bleibt es, wie es war.</translation>
    </message>
    <message>
        <source>What the service says</source>
        <translation>Was der Dienst angibt</translation>
    </message>
    <message>
        <source>When it does not fit</source>
        <translation>Wenn es nicht passt</translation>
    </message>
    <message numerus="yes">
        <source>When you send, the %n oldest message(s), up to “{last}”, will no longer go with it.</source>
        <translation>
            <numerusform>Wenn Sie senden, geht die älteste Nachricht („{last}“) nicht mehr mit.</numerusform>
            <numerusform>Wenn Sie senden, gehen die %n ältesten Nachrichten, bis „{last}“, nicht mehr mit.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>When you send, the model first writes a summary of the %n oldest message(s), up to “{last}”: one more request.</source>
        <translation>
            <numerusform>Wenn Sie senden, fasst das Modell zuerst die älteste Nachricht („{last}“) zusammen: eine Anfrage mehr.</numerusform>
            <numerusform>Wenn Sie senden, fasst das Modell zuerst die %n ältesten Nachrichten, bis „{last}“, zusammen: eine Anfrage mehr.</numerusform>
        </translation>
    </message>
    <message>
        <source>Your prompt follows.</source>
        <translation>Ihr Prompt folgt.</translation>
    </message>
    <message numerus="yes">
        <source>{model} summarises %n message(s)…</source>
        <translation>
            <numerusform>{model} fasst eine Nachricht zusammen …</numerusform>
            <numerusform>{model} fasst %n Nachrichten zusammen …</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConversationPage</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n Modell</numerusform>
            <numerusform>%n Modelle</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>Fragen Sie etwas</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
    <message>
        <source>Reply to {model}…</source>
        <translation>{model} antworten …</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>Antworten …</translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message>
        <source>A damaged history</source>
        <translation>Ein beschädigter Verlauf</translation>
    </message>
    <message>
        <source>All conversations, without keys. The Weir archive keeps everything and can be read again; the other forms show the branch that is on screen, one file for each conversation in a zip.</source>
        <translation>Alle Unterhaltungen, ohne Schlüssel. Das Weir-Archiv behält alles und kann wieder eingelesen werden; die anderen Formate zeigen den Zweig, der zu sehen ist, mit einer Datei je Unterhaltung in einem ZIP-Archiv.</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>Zurückholen</translation>
    </message>
    <message>
        <source>Bring conversations in</source>
        <translation>Unterhaltungen übernehmen</translation>
    </message>
    <message>
        <source>Bringing conversations back… {share}</source>
        <translation>Unterhaltungen werden zurückgeholt … {share}</translation>
    </message>
    <message>
        <source>Bringing conversations in… {share}</source>
        <translation>Unterhaltungen werden übernommen … {share}</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>Alles exportieren …</translation>
    </message>
    <message>
        <source>Form of the export</source>
        <translation>Format des Exports</translation>
    </message>
    <message>
        <source>From the export of ChatGPT, Claude, Open WebUI or LibreChat, from a Weir archive, or from one of Weir’s backups. Branches, pictures and files come along where the export has them. What is here already is not changed, and bringing the same file in again adds nothing.</source>
        <translation>Aus dem Export von ChatGPT, Claude, Open WebUI oder LibreChat, aus einem Weir-Archiv oder aus einer Sicherung von Weir. Zweige, Bilder und Dateien kommen mit, soweit der Export sie enthält. Was schon da ist, bleibt unverändert; dieselbe Datei noch einmal einzulesen fügt nichts hinzu.</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importieren …</translation>
    </message>
    <message>
        <source>Saving conversations… {share}</source>
        <translation>Unterhaltungen werden gespeichert … {share}</translation>
    </message>
    <message>
        <source>Take conversations out</source>
        <translation>Unterhaltungen ausgeben</translation>
    </message>
    <message>
        <source>The history was damaged. It is set aside whole as {name}. What the newest good backup has, and what can still be read of the damaged file, can be brought back.</source>
        <translation>Der Verlauf war beschädigt. Er ist vollständig als {name} beiseitegelegt. Was die neueste gute Sicherung enthält und was in der beschädigten Datei noch lesbar ist, lässt sich zurückholen.</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Choose a model first.</source>
        <translation>Wählen Sie zuerst ein Modell.</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>Diese Unterhaltung gibt es nicht mehr.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>Ihre Endpunkte werden noch gelesen. Senden Sie gleich noch einmal.</translation>
    </message>
</context>
<context>
    <name>DesktopPage</name>
    <message>
        <source>Command for a quick question</source>
        <translation>Befehl für eine kurze Frage</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Desktop</source>
        <translation>Desktop</translation>
    </message>
    <message>
        <source>For replies that took longer than five seconds and came, or failed, while another program was in front. The notification names the conversation and the model; a click opens it.</source>
        <translation>Für Antworten, die länger als fünf Sekunden brauchten und ankamen oder fehlschlugen, während ein anderes Programm im Vordergrund war. Die Mitteilung nennt die Unterhaltung und das Modell; ein Klick öffnet sie.</translation>
    </message>
    <message>
        <source>Icon in the notification area</source>
        <translation>Symbol im Infobereich</translation>
    </message>
    <message>
        <source>It may then be read on a locked screen.</source>
        <translation>Er ist dann womöglich auf einem gesperrten Bildschirm zu lesen.</translation>
    </message>
    <message>
        <source>Its menu leads to the window, a quick question and a new conversation, and ends Weir.</source>
        <translation>Sein Menü führt zum Fenster, zu einer kurzen Frage und zu einer neuen Unterhaltung und beendet Weir.</translation>
    </message>
    <message>
        <source>Keep Weir running when its window is closed</source>
        <translation>Weir weiterlaufen lassen, wenn sein Fenster geschlossen wird</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model for quick questions</source>
        <translation>Modell für kurze Fragen</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Mitteilungen</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>Persona</translation>
    </message>
    <message>
        <source>Persona for quick questions</source>
        <translation>Persona für kurze Fragen</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Kurze Frage</translation>
    </message>
    <message>
        <source>Show an icon of Weir</source>
        <translation>Ein Symbol von Weir zeigen</translation>
    </message>
    <message>
        <source>Show the beginning of the reply in it</source>
        <translation>Den Anfang der Antwort darin zeigen</translation>
    </message>
    <message>
        <source>Tell me when a long reply is there</source>
        <translation>Mitteilen, wenn eine lange Antwort da ist</translation>
    </message>
    <message>
        <source>The one used last</source>
        <translation>Das zuletzt benutzte</translation>
    </message>
    <message>
        <source>There is no place for such icons at the moment.</source>
        <translation>Für solche Symbole gibt es zurzeit keinen Platz.</translation>
    </message>
    <message>
        <source>This command opens a small window for one question. Give it a key in your desktop’s keyboard settings; Weir itself hears no keys while another program is in front.</source>
        <translation>Dieser Befehl öffnet ein kleines Fenster für eine Frage. Geben Sie ihm in den Tastatureinstellungen Ihres Desktops eine Taste; Weir selbst bemerkt keine Tasten, solange ein anderes Programm im Vordergrund ist.</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment, and closing the window ends Weir as usual.</source>
        <translation>Dieser Desktop zeigt solche Symbole zurzeit nicht an; das Schließen des Fensters beendet Weir wie üblich.</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment; some need an extension for them.</source>
        <translation>Dieser Desktop zeigt solche Symbole zurzeit nicht an; manche brauchen dafür eine Erweiterung.</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Answer</source>
        <extracomment>A page of the stream’s window: the HTTP answer’s head</extracomment>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Findings</source>
        <extracomment>A page of the stream’s window: what is remarkable about the stream</extracomment>
        <translation>Befunde</translation>
    </message>
    <message>
        <source>Record</source>
        <extracomment>A page of the stream’s window: one record of the stream</extracomment>
        <translation>Datensatz</translation>
    </message>
    <message>
        <source>Request</source>
        <extracomment>A page of the stream’s window: the HTTP request that was sent</extracomment>
        <translation>Anfrage</translation>
    </message>
    <message>
        <source>The answer’s head</source>
        <translation>Kopf der Antwort</translation>
    </message>
    <message>
        <source>The request</source>
        <translation>Die Anfrage</translation>
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
            <numerusform>Ein Modell antwortet.</numerusform>
            <numerusform>%n Modelle antworten nebeneinander.</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a model above, then ask.</source>
        <translation>Wählen Sie oben ein Modell und fragen Sie.</translation>
    </message>
    <message>
        <source>The demo model answers here, offline. It is small, and often wrong.</source>
        <translation>Hier antwortet das Demomodell, ganz ohne Netz. Es ist klein und liegt oft falsch.</translation>
    </message>
    <message>
        <source>What do you want to know?</source>
        <translation>Was möchten Sie wissen?</translation>
    </message>
    <message>
        <source>{model} answers on this computer.</source>
        <translation>{model} antwortet auf diesem Rechner.</translation>
    </message>
    <message>
        <source>{model} at {endpoint} answers.</source>
        <translation>{model} bei {endpoint} antwortet.</translation>
    </message>
</context>
<context>
    <name>Ending</name>
    <message>
        <source>The length limit was reached before there was any text</source>
        <translation>Die Längengrenze war erreicht, bevor Text kam</translation>
    </message>
    <message>
        <source>The model asked for a tool; Weir has none to offer</source>
        <translation>Das Modell wollte ein Werkzeug benutzen; Weir hat keines anzubieten</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>Das Modell hat die Antwort verweigert</translation>
    </message>
    <message>
        <source>The reply reached its length limit</source>
        <translation>Die Antwort hat ihre Längengrenze erreicht</translation>
    </message>
    <message>
        <source>The service ended the reply for a reason of its own</source>
        <translation>Der Dienst hat die Antwort aus eigenen Gründen beendet</translation>
    </message>
    <message>
        <source>The service paused the reply</source>
        <translation>Der Dienst hat die Antwort unterbrochen</translation>
    </message>
    <message>
        <source>The service’s content filter ended the reply</source>
        <translation>Der Inhaltsfilter des Dienstes hat die Antwort beendet</translation>
    </message>
</context>
<context>
    <name>EndpointEditor</name>
    <message>
        <source>A JSON object that goes with every request.</source>
        <translation>Ein JSON-Objekt, das mit jeder Anfrage mitgeht.</translation>
    </message>
    <message>
        <source>A JSON object, sent as it is, with {{prompt}}, {{messages}}, {{system}}, {{model}} or {{conversation}} where they belong. Left empty, a form that most services take is sent.</source>
        <translation>Ein JSON-Objekt, das unverändert gesendet wird, mit {{prompt}}, {{messages}}, {{system}}, {{model}} oder {{conversation}} an ihrem Platz. Bleibt es leer, wird eine Form gesendet, die die meisten Dienste annehmen.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>Rumpf</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Extra body</source>
        <translation>Zusätzliche Felder</translation>
    </message>
    <message>
        <source>Extra body, as JSON</source>
        <translation>Zusätzliche Felder, als JSON</translation>
    </message>
    <message>
        <source>Goes into the keyring. Leave it empty where none is needed.</source>
        <translation>Wird im Schlüsselbund abgelegt. Leer lassen, wenn keiner nötig ist.</translation>
    </message>
    <message>
        <source>Goes into {keyring}. Leave it empty where none is needed.</source>
        <translation>Wird in {keyring} abgelegt. Leer lassen, wenn keiner nötig ist.</translation>
    </message>
    <message>
        <source>Headers</source>
        <translation>Kopfzeilen</translation>
    </message>
    <message>
        <source>Headers, one a line</source>
        <translation>Kopfzeilen, eine je Zeile</translation>
    </message>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Models, one a line</source>
        <translation>Modelle, eines je Zeile</translation>
    </message>
    <message>
        <source>Most servers speak OpenAI Chat Completions.</source>
        <translation>Die meisten Server sprechen OpenAI Chat Completions.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>New endpoint</source>
        <translation>Neuer Endpunkt</translation>
    </message>
    <message>
        <source>One a line, for services that do not list theirs.</source>
        <translation>Eines je Zeile, für Dienste, die ihre Modelle nicht auflisten.</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Schlüssel einfügen</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Remove</source>
        <extracomment>On a button: remove the key</extracomment>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove endpoint</source>
        <translation>Endpunkt entfernen</translation>
    </message>
    <message>
        <source>Replace</source>
        <extracomment>On a button: enter another key</extracomment>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Sent with every request, and kept in a readable file. Write {key} where the key belongs, or {secret} as the whole value for a key of its own.</source>
        <translation>Gehen mit jeder Anfrage mit und stehen in einer lesbaren Datei. Schreiben Sie {key}, wo der Schlüssel hingehört, oder {secret} als ganzen Wert für einen eigenen Schlüssel.</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the endpoint works</extracomment>
        <translation>Testen</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use: a key is kept in memory for this run only.</source>
        <translation>Dieser Rechner hat keinen Schlüsselbund, den Weir benutzen kann: Ein Schlüssel bleibt nur für diesen Lauf im Arbeitsspeicher.</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>Dieser Schlüssel enthält Zeichen, die in keinem Schlüssel vorkommen.</translation>
    </message>
</context>
<context>
    <name>EndpointList</name>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add an endpoint</extracomment>
        <translation>Hinzufügen …</translation>
    </message>
    <message>
        <source>An endpoint is a service or a server that Weir can ask, with its address and its key.</source>
        <translation>Ein Endpunkt ist ein Dienst oder ein Server, den Weir fragen kann, mit seiner Adresse und seinem Schlüssel.</translation>
    </message>
    <message>
        <source>Another server or your own</source>
        <translation>Ein anderer oder eigener Server</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>{name} bearbeiten</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>Endpunkte</translation>
    </message>
    <message>
        <source>Service to add</source>
        <translation>Hinzuzufügender Dienst</translation>
    </message>
    <message>
        <source>started by Weir, no address needed</source>
        <translation>von Weir gestartet, ohne Adresse</translation>
    </message>
</context>
<context>
    <name>EndpointText</name>
    <message>
        <source>In a JSON pointer, write “~0” for “~” and “~1” for a “/” in a name.</source>
        <translation>Schreiben Sie in einem JSON-Pointer „~0“ für „~“ und „~1“ für „/“ in einem Namen.</translation>
    </message>
    <message>
        <source>Leave name and password out of the address; the key has its own field.</source>
        <translation>Lassen Sie Name und Passwort in der Adresse weg; für den Schlüssel gibt es ein eigenes Feld.</translation>
    </message>
    <message>
        <source>Leave out what follows “?” or “#” in the address.</source>
        <translation>Lassen Sie in der Adresse weg, was auf „?“ oder „#“ folgt.</translation>
    </message>
    <message>
        <source>Leave out “/chat/completions”: the address ends before it, usually in /v1.</source>
        <translation>Lassen Sie „/chat/completions“ weg: Die Adresse endet davor, meist mit /v1.</translation>
    </message>
    <message>
        <source>Line {number} of the headers has to look like “Name: value”.</source>
        <translation>Zeile {number} der Kopfzeilen muss die Form „Name: Wert“ haben.</translation>
    </message>
    <message>
        <source>The address has to look like https://example.com/v1.</source>
        <translation>Die Adresse muss die Form https://example.com/v1 haben.</translation>
    </message>
    <message>
        <source>The extra body has to be a JSON object, in braces: { … }.</source>
        <translation>Die zusätzlichen Felder müssen ein JSON-Objekt in geschweiften Klammern sein: { … }.</translation>
    </message>
    <message>
        <source>The extra body is nested too deeply.</source>
        <translation>Die zusätzlichen Felder sind zu tief verschachtelt.</translation>
    </message>
    <message>
        <source>The extra body is not JSON: line {line}, column {column}: {reason}.</source>
        <translation>Die zusätzlichen Felder sind kein JSON: Zeile {line}, Spalte {column}: {reason}.</translation>
    </message>
    <message>
        <source>The value in line {number} of the headers may hold plain ASCII letters only.</source>
        <translation>Der Wert in Zeile {number} der Kopfzeilen darf nur einfache ASCII-Zeichen enthalten.</translation>
    </message>
    <message>
        <source>Where the text is has to look like /data/text, or be empty.</source>
        <translation>Die Stelle des Textes muss die Form /data/text haben oder leer sein.</translation>
    </message>
    <message>
        <source>Without https, what you send and the key can be read on the way.</source>
        <translation>Ohne https können der Schlüssel und was Sie senden unterwegs gelesen werden.</translation>
    </message>
    <message>
        <source>a colon is missing</source>
        <translation>ein Doppelpunkt fehlt</translation>
    </message>
    <message>
        <source>a comma is missing</source>
        <translation>ein Komma fehlt</translation>
    </message>
    <message>
        <source>a name in double quotes is missing, or a comma is too many</source>
        <translation>ein Name in doppelten Anführungszeichen fehlt oder ein Komma ist zu viel</translation>
    </message>
    <message>
        <source>a text holds a line break or a tab</source>
        <translation>ein Text enthält einen Zeilenumbruch oder einen Tabulator</translation>
    </message>
    <message>
        <source>a text is not closed by a quote</source>
        <translation>ein Text ist nicht durch ein Anführungszeichen abgeschlossen</translation>
    </message>
    <message>
        <source>a value is missing</source>
        <translation>ein Wert fehlt</translation>
    </message>
    <message>
        <source>there is a comma too many</source>
        <translation>ein Komma ist zu viel</translation>
    </message>
    <message>
        <source>there is something after the end</source>
        <translation>nach dem Ende steht noch etwas</translation>
    </message>
    <message>
        <source>“{name}” is set by Weir itself; leave it out.</source>
        <translation>„{name}“ setzt Weir selbst; lassen Sie es weg.</translation>
    </message>
    <message>
        <source>“{name}” would put the key into a readable file. Write “{{key}}” in its place and use the key’s own field.</source>
        <translation>Mit „{name}“ stünde der Schlüssel in einer lesbaren Datei. Schreiben Sie stattdessen „{{key}}“ und benutzen Sie das Feld für den Schlüssel.</translation>
    </message>
</context>
<context>
    <name>Endpoints</name>
    <message>
        <source>No key needed</source>
        <translation>Kein Schlüssel nötig</translation>
    </message>
    <message>
        <source>No key yet</source>
        <translation>Noch kein Schlüssel</translation>
    </message>
    <message>
        <source>the keyring</source>
        <translation>dem Schlüsselbund</translation>
    </message>
    <message>
        <source>{key}, for this run only</source>
        <translation>{key}, nur für diesen Lauf</translation>
    </message>
    <message>
        <source>{key}, from {variable}, for this run</source>
        <translation>{key}, aus {variable}, für diesen Lauf</translation>
    </message>
    <message>
        <source>{key}, in {keyring}</source>
        <translation>{key}, in {keyring}</translation>
    </message>
</context>
<context>
    <name>Failure</name>
    <message>
        <source>A file of this kind can't be sent to {model}. Remove it, or choose another model above.</source>
        <translation>{model} nimmt Dateien dieser Art nicht an. Entfernen Sie die Datei oder wählen Sie oben ein anderes Modell.</translation>
    </message>
    <message>
        <source>Images can't be sent to {model}. Remove them, or choose another model above.</source>
        <translation>{model} nimmt keine Bilder an. Entfernen Sie sie oder wählen Sie oben ein anderes Modell.</translation>
    </message>
    <message>
        <source>No answer from {host} in time. Check your connection, then try again.</source>
        <translation>Keine rechtzeitige Antwort von {host}. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>No secure connection to {host}: its certificate was not accepted. If your company uses its own certificates, name their file under Settings, Network.</source>
        <translation>Keine sichere Verbindung zu {host}: Das Zertifikat wurde nicht anerkannt. Wenn Ihre Firma eigene Zertifikate benutzt, geben Sie deren Datei unter Einstellungen, Netzwerk an.</translation>
    </message>
    <message>
        <source>Nothing answers chats at {address}. Check the endpoint's address; it usually ends in /v1.</source>
        <translation>Unter {address} werden keine Unterhaltungen beantwortet. Prüfen Sie die Adresse des Endpunkts; sie endet meist mit /v1.</translation>
    </message>
    <message>
        <source>Nothing is listening at {address}. Is the server running?</source>
        <translation>Unter {address} ist kein Server erreichbar. Läuft er?</translation>
    </message>
    <message>
        <source>Only one image at a time can be sent to {model}. Remove the others, or choose another model above.</source>
        <translation>{model} nimmt nur ein Bild auf einmal an. Entfernen Sie die übrigen oder wählen Sie oben ein anderes Modell.</translation>
    </message>
    <message>
        <source>The connection to {endpoint} ended before the reply did. What had arrived is kept.</source>
        <translation>Die Verbindung endete vor der Antwort ({endpoint}). Was angekommen war, ist noch da.</translation>
    </message>
    <message>
        <source>The conversation could not be saved. The text stays on screen; make room on the disk or check the folder's permissions.</source>
        <translation>Die Unterhaltung konnte nicht gespeichert werden. Der Text bleibt auf dem Bildschirm; schaffen Sie Platz auf dem Datenträger oder prüfen Sie die Rechte des Ordners.</translation>
    </message>
    <message>
        <source>The conversation is longer than {model} can read. Start a new one, or choose a model with a larger context.</source>
        <translation>{model} kann eine so lange Unterhaltung nicht lesen. Beginnen Sie eine neue oder wählen Sie ein Modell mit größerem Kontextfenster.</translation>
    </message>
    <message>
        <source>The endpoint of this conversation is no longer set up. Choose a model above.</source>
        <translation>Der Endpunkt dieser Unterhaltung ist nicht mehr eingerichtet. Wählen Sie oben ein Modell.</translation>
    </message>
    <message>
        <source>The model on this computer could not be used.</source>
        <translation>Das Modell auf diesem Rechner konnte nicht benutzt werden.</translation>
    </message>
    <message>
        <source>The name {host} was not found. Check the address and your connection.</source>
        <translation>Der Name {host} wurde nicht gefunden. Prüfen Sie die Adresse und Ihre Verbindung.</translation>
    </message>
    <message>
        <source>The proxy did not let the request to {host} through. Check it under Settings, Network.</source>
        <translation>Der Proxy hat die Anfrage zu {host} nicht durchgelassen. Prüfen Sie ihn unter Einstellungen, Netzwerk.</translation>
    </message>
    <message>
        <source>The service</source>
        <translation>Der Dienst</translation>
    </message>
    <message>
        <source>There is a web page at {address} instead of a reply. Check the endpoint's address, or sign in to the network first.</source>
        <translation>Unter {address} liegt eine Webseite statt einer Antwort. Prüfen Sie die Adresse des Endpunkts oder melden Sie sich zuerst im Netzwerk an.</translation>
    </message>
    <message>
        <source>Weir made a mistake. What had arrived is kept; the log has the details.</source>
        <translation>Weir hat einen Fehler gemacht. Was angekommen war, ist noch da; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>Your account at {endpoint} has no credit left. Add credit there, then try again.</source>
        <translation>Ihr Guthaben ist aufgebraucht ({endpoint}). Laden Sie es dort auf und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>the address</source>
        <translation>der Adresse</translation>
    </message>
    <message>
        <source>the model</source>
        <translation>Das Modell</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>dem Server</translation>
    </message>
    <message>
        <source>{endpoint} asks you to slow down.</source>
        <translation>{endpoint} bittet darum, langsamer zu fragen.</translation>
    </message>
    <message>
        <source>{endpoint} could not use the request.</source>
        <translation>{endpoint} konnte mit der Anfrage nichts anfangen.</translation>
    </message>
    <message>
        <source>{endpoint} did not accept the key. Replace it under Settings, Endpoints, then try again.</source>
        <translation>{endpoint} hat den Schlüssel nicht angenommen. Ersetzen Sie ihn unter Einstellungen, Endpunkte und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>{endpoint} does not allow this with your key. Check with the service what the key may be used for.</source>
        <translation>{endpoint} erlaubt das mit Ihrem Schlüssel nicht. Klären Sie mit dem Dienst, wofür der Schlüssel gilt.</translation>
    </message>
    <message>
        <source>{endpoint} had a fault of its own. Try again in a moment.</source>
        <translation>{endpoint} hatte selbst eine Störung. Versuchen Sie es gleich noch einmal.</translation>
    </message>
    <message>
        <source>{endpoint} has no model named “{model}”. Choose another model above.</source>
        <translation>{endpoint} hat kein Modell namens „{model}“. Wählen Sie oben ein anderes Modell.</translation>
    </message>
    <message>
        <source>{endpoint} is overloaded right now. Try again in a moment.</source>
        <translation>{endpoint} ist gerade überlastet. Versuchen Sie es gleich noch einmal.</translation>
    </message>
    <message>
        <source>{endpoint} needs a key. Add one under Settings, Endpoints, then try again.</source>
        <translation>{endpoint} braucht einen Schlüssel. Tragen Sie ihn unter Einstellungen, Endpunkte ein und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>{endpoint} reported a problem.</source>
        <translation>{endpoint} hat ein Problem gemeldet.</translation>
    </message>
    <message>
        <source>{endpoint} sent an empty reply. Try again, or choose another model.</source>
        <translation>{endpoint} hat eine leere Antwort gesendet. Versuchen Sie es noch einmal oder wählen Sie ein anderes Modell.</translation>
    </message>
    <message>
        <source>{endpoint} sent something that is not part of a reply. What had arrived is kept.</source>
        <translation>{endpoint} hat etwas gesendet, das zu keiner Antwort gehört. Was angekommen war, ist noch da.</translation>
    </message>
    <message>
        <source>{endpoint} went silent. What had arrived is kept.</source>
        <translation>{endpoint} ist verstummt. Was angekommen war, ist noch da.</translation>
    </message>
    <message>
        <source>“{address}” is not a web address. It has to look like https://example.com/v1.</source>
        <translation>„{address}“ ist keine Webadresse. Sie muss die Form https://example.com/v1 haben.</translation>
    </message>
</context>
<context>
    <name>FilterMenu</name>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Has code</source>
        <translation>Enthält Code</translation>
    </message>
    <message>
        <source>Last year</source>
        <translation>Letztes Jahr</translation>
    </message>
    <message>
        <source>Me</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>Von mir</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Schlagwort</translation>
    </message>
    <message>
        <source>The last seven days</source>
        <translation>Die letzten sieben Tage</translation>
    </message>
    <message>
        <source>The last thirty days</source>
        <translation>Die letzten dreißig Tage</translation>
    </message>
    <message>
        <source>The model</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>Vom Modell</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>Dieses Jahr</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Written by</source>
        <translation>Verfasst</translation>
    </message>
</context>
<context>
    <name>FindingCard</name>
    <message>
        <source>Show record {number}</source>
        <translation>Datensatz {number} zeigen</translation>
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
        <translation>Befunde</translation>
    </message>
    <message>
        <source>Nothing to say about it yet.</source>
        <translation>Dazu gibt es noch nichts zu sagen.</translation>
    </message>
</context>
<context>
    <name>Finds</name>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
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
        <translation>Ein Modellserver auf diesem Rechner</translation>
    </message>
    <message>
        <source>Another endpoint…</source>
        <translation>Anderer Endpunkt …</translation>
    </message>
    <message>
        <source>Another server or your own endpoint…</source>
        <translation>Anderer Server oder eigener Endpunkt …</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>GGUF-Datei wählen …</translation>
    </message>
    <message>
        <source>Demo model, offline</source>
        <translation>Demomodell, ohne Netz</translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}</source>
        <translation>
            <numerusform>Gefunden, ein Modell: {names}</numerusform>
            <numerusform>Gefunden, %n Modelle: {names}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}, …</source>
        <extracomment>The names are the first few of the models</extracomment>
        <translation>
            <numerusform>Gefunden, ein Modell: {names}, …</numerusform>
            <numerusform>Gefunden, %n Modelle: {names}, …</numerusform>
        </translation>
    </message>
    <message>
        <source>Found, but it has no model yet.</source>
        <translation>Gefunden, aber noch ohne Modell.</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Noch einmal suchen</translation>
    </message>
    <message>
        <source>Looking for Ollama, LM Studio and llama.cpp…</source>
        <translation>Ollama, LM Studio und llama.cpp werden gesucht …</translation>
    </message>
    <message>
        <source>None is running. Ollama, LM Studio and llama.cpp are found by themselves.</source>
        <translation>Es läuft keiner. Ollama, LM Studio und llama.cpp werden von selbst gefunden.</translation>
    </message>
    <message>
        <source>Runs here at once, no key: try it, or just type. Small, and often wrong.</source>
        <translation>Läuft hier sofort, ohne Schlüssel: ausprobieren oder einfach schreiben. Klein und oft falsch.</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Benutzen</translation>
    </message>
    <message>
        <source>Where should answers come from?</source>
        <translation>Woher sollen Antworten kommen?</translation>
    </message>
    <message>
        <source>You can change this at any time. Nothing leaves this computer until you send a message.</source>
        <translation>Das lässt sich jederzeit ändern. Nichts verlässt diesen Rechner, bevor Sie eine Nachricht senden.</translation>
    </message>
    <message>
        <source>{name} on this computer</source>
        <translation>{name} auf diesem Rechner</translation>
    </message>
</context>
<context>
    <name>FolderPanel</name>
    <message>
        <source>All conversations</source>
        <translation>Alle Unterhaltungen</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>Archiv</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>Name des Ordners</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Neuer Ordner</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Neuer Ordner …</translation>
    </message>
    <message>
        <source>Rename folder</source>
        <translation>Ordner umbenennen</translation>
    </message>
</context>
<context>
    <name>Following</name>
    <message>
        <source>Connecting</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>Waiting for the first words</source>
        <translation>Warten auf die ersten Wörter</translation>
    </message>
</context>
<context>
    <name>Formula</name>
    <message>
        <source>and so on</source>
        <translation>und so weiter</translation>
    </message>
    <message>
        <source>bar</source>
        <translation>Strich</translation>
    </message>
    <message>
        <source>close parenthesis</source>
        <translation>Klammer zu</translation>
    </message>
    <message>
        <source>divided by</source>
        <translation>geteilt durch</translation>
    </message>
    <message>
        <source>equals</source>
        <translation>gleich</translation>
    </message>
    <message>
        <source>factorial</source>
        <translation>Fakultät</translation>
    </message>
    <message>
        <source>for all</source>
        <translation>für alle</translation>
    </message>
    <message>
        <source>fraction {said} end of fraction</source>
        <translation>Bruch {said} Ende Bruch</translation>
    </message>
    <message>
        <source>goes to</source>
        <translation>gegen</translation>
    </message>
    <message>
        <source>implies</source>
        <translation>daraus folgt</translation>
    </message>
    <message>
        <source>in</source>
        <translation>in</translation>
    </message>
    <message>
        <source>infinity</source>
        <translation>unendlich</translation>
    </message>
    <message>
        <source>integral</source>
        <translation>Integral</translation>
    </message>
    <message>
        <source>is about</source>
        <translation>ungefähr gleich</translation>
    </message>
    <message>
        <source>is at least</source>
        <translation>größer oder gleich</translation>
    </message>
    <message>
        <source>is at most</source>
        <translation>kleiner oder gleich</translation>
    </message>
    <message>
        <source>is greater than</source>
        <translation>größer als</translation>
    </message>
    <message>
        <source>is less than</source>
        <translation>kleiner als</translation>
    </message>
    <message>
        <source>is not equal to</source>
        <translation>ungleich</translation>
    </message>
    <message>
        <source>minus</source>
        <translation>minus</translation>
    </message>
    <message>
        <source>nabla</source>
        <translation>Nabla</translation>
    </message>
    <message>
        <source>open parenthesis</source>
        <translation>Klammer auf</translation>
    </message>
    <message>
        <source>partial</source>
        <translation>partiell</translation>
    </message>
    <message>
        <source>plus</source>
        <translation>plus</translation>
    </message>
    <message>
        <source>plus or minus</source>
        <translation>plus oder minus</translation>
    </message>
    <message>
        <source>prime</source>
        <translation>Strich</translation>
    </message>
    <message>
        <source>product</source>
        <translation>Produkt</translation>
    </message>
    <message>
        <source>root of order {index} of {inner}</source>
        <translation>{index}-te Wurzel aus {inner}</translation>
    </message>
    <message>
        <source>square root of {inner}</source>
        <translation>Wurzel aus {inner}</translation>
    </message>
    <message>
        <source>sum</source>
        <translation>Summe</translation>
    </message>
    <message numerus="yes">
        <source>table with %n row(s)</source>
        <translation>
            <numerusform>Tabelle mit einer Zeile</numerusform>
            <numerusform>Tabelle mit %n Zeilen</numerusform>
        </translation>
    </message>
    <message>
        <source>there is</source>
        <translation>es gibt</translation>
    </message>
    <message>
        <source>times</source>
        <translation>mal</translation>
    </message>
    <message>
        <source>{base} cubed</source>
        <translation>{base} hoch drei</translation>
    </message>
    <message>
        <source>{base} from {low} to {high} of</source>
        <translation>{base} von {low} bis {high} über</translation>
    </message>
    <message>
        <source>{base} squared</source>
        <translation>{base} Quadrat</translation>
    </message>
    <message>
        <source>{base} sub {index}</source>
        <translation>{base} Index {index}</translation>
    </message>
    <message>
        <source>{base} sub {index} to the power of {power}</source>
        <translation>{base} Index {index} hoch {power}</translation>
    </message>
    <message>
        <source>{base} to the power of {power}</source>
        <translation>{base} hoch {power}</translation>
    </message>
    <message>
        <source>{base} under {low}</source>
        <translation>{base} mit {low} darunter</translation>
    </message>
    <message>
        <source>{base} with {high} above</source>
        <translation>{base} mit {high} darüber</translation>
    </message>
    <message>
        <source>{said} end of root</source>
        <translation>{said} Ende Wurzel</translation>
    </message>
    <message>
        <source>{top} over {bottom}</source>
        <translation>{top} durch {bottom}</translation>
    </message>
</context>
<context>
    <name>FoundHead</name>
    <message>
        <source>Filter</source>
        <extracomment>Name of a button that narrows a search</extracomment>
        <translation>Filter</translation>
    </message>
</context>
<context>
    <name>GapPlot</name>
    <message>
        <source>Gaps between records over time</source>
        <translation>Lücken zwischen den Datensätzen im Zeitverlauf</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>Noch nichts</translation>
    </message>
    <message>
        <source>The longest is {gap}, before record {number}</source>
        <translation>Die längste dauert {gap}, vor Datensatz {number}</translation>
    </message>
    <message>
        <source>gap before each record, over time</source>
        <translation>Lücke vor jedem Datensatz, im Zeitverlauf</translation>
    </message>
    <message>
        <source>{gap} before record {number}</source>
        <translation>{gap} vor Datensatz {number}</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Compare models</source>
        <translation>Modelle vergleichen</translation>
    </message>
    <message>
        <source>More</source>
        <extracomment>On a button: more actions</extracomment>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
    <message>
        <source>Show the shelf</source>
        <translation>Seitenleiste zeigen</translation>
    </message>
</context>
<context>
    <name>HeaderKeys</name>
    <message>
        <source>Key for {header}</source>
        <translation>Schlüssel für {header}</translation>
    </message>
    <message>
        <source>Leave it empty to keep the key</source>
        <translation>Leer lassen, um den Schlüssel zu behalten</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Schlüssel einfügen</translation>
    </message>
</context>
<context>
    <name>HitDelegate</name>
    <message>
        <source>You: {text}</source>
        <translation>Sie: {text}</translation>
    </message>
</context>
<context>
    <name>HitView</name>
    <message>
        <source>Found</source>
        <extracomment>Name of the list of what a search found</extracomment>
        <translation>Gefunden</translation>
    </message>
</context>
<context>
    <name>Inspection</name>
    <message numerus="yes">
        <source>%n end mark(s)</source>
        <translation>
            <numerusform>%n Endmarke</numerusform>
            <numerusform>%n Endmarken</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n keep-alive comment(s)</source>
        <translation>
            <numerusform>Ein Kommentar, der die Verbindung offen hält</numerusform>
            <numerusform>%n Kommentare, die die Verbindung offen halten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s), the first {numbers}</source>
        <translation>
            <numerusform>%n Datensatz, zuerst {numbers}</numerusform>
            <numerusform>%n Datensätze, zuerst {numbers}</numerusform>
        </translation>
    </message>
    <message>
        <source>A NUL is no text: look for a buffer that is sent whole, or for UTF-16.</source>
        <translation>Ein NUL ist kein Text: Suchen Sie nach einem Puffer, der ganz gesendet wird, oder nach UTF-16.</translation>
    </message>
    <message>
        <source>A blank line.</source>
        <translation>Eine Leerzeile.</translation>
    </message>
    <message>
        <source>A byte order mark at the beginning</source>
        <translation>Eine Byte-Order-Mark am Anfang</translation>
    </message>
    <message>
        <source>A byte order mark in {records}</source>
        <translation>Byte-Order-Mark: {records}</translation>
    </message>
    <message>
        <source>A comment: it keeps the connection open and says nothing.</source>
        <translation>Ein Kommentar: Er hält die Verbindung offen und sagt nichts.</translation>
    </message>
    <message>
        <source>A length is known only when everything is: the reply was collected before it was sent.</source>
        <translation>Eine Länge ist erst bekannt, wenn alles bekannt ist: Die Antwort wurde gesammelt, bevor sie gesendet wurde.</translation>
    </message>
    <message>
        <source>A long prompt, a model being loaded or a queue; or the beginning was held back by a buffer.</source>
        <translation>Ein langer Prompt, ein Modell, das geladen wird, oder eine Warteschlange; oder ein Puffer hat den Anfang zurückgehalten.</translation>
    </message>
    <message>
        <source>A replay of “{name}”, as fast as it can be read.</source>
        <translation>Eine Wiedergabe von „{name}“, so schnell sie sich lesen lässt.</translation>
    </message>
    <message>
        <source>A replay of “{name}”, at the pace of the recording.</source>
        <translation>Eine Wiedergabe von „{name}“, im Tempo der Aufzeichnung.</translation>
    </message>
    <message>
        <source>A reply ends once. Clients may stop at the first and miss what follows.</source>
        <translation>Eine Antwort endet einmal. Clients hören womöglich beim ersten Ende auf und verpassen, was folgt.</translation>
    </message>
    <message>
        <source>A silence of {time} before record {number}</source>
        <translation>Eine Pause von {time} vor Datensatz {number}</translation>
    </message>
    <message>
        <source>After the end came {records}</source>
        <translation>Nach dem Ende kam noch: {records}</translation>
    </message>
    <message>
        <source>All are allowed, but a mix is often a sign of parts written by different hands.</source>
        <translation>Alle sind erlaubt, aber eine Mischung ist oft ein Zeichen dafür, dass die Teile aus verschiedenen Quellen stammen.</translation>
    </message>
    <message>
        <source>An empty answer</source>
        <translation>Eine leere Antwort</translation>
    </message>
    <message>
        <source>An error inside a {status} answer</source>
        <translation>Ein Fehler in einer Antwort mit Status {status}</translation>
    </message>
    <message>
        <source>An error: {words}</source>
        <translation>Ein Fehler: {words}</translation>
    </message>
    <message>
        <source>An event stream that is labelled {kind}</source>
        <translation>Ein Ereignisstrom, der als {kind} gekennzeichnet ist</translation>
    </message>
    <message>
        <source>An id that was there before: {records}</source>
        <translation>Eine id, die es schon gab: {records}</translation>
    </message>
    <message>
        <source>An “id:” is for one event: clients that resume would go on at the wrong place.</source>
        <translation>Eine „id:“ gehört zu einem Ereignis: Clients, die den Strom wieder aufnehmen, würden an der falschen Stelle fortfahren.</translation>
    </message>
    <message>
        <source>Before nginx send “X-Accel-Buffering: no”; flush after each event in your own server.</source>
        <translation>Senden Sie vor nginx „X-Accel-Buffering: no“; leeren Sie im eigenen Server den Puffer nach jedem Ereignis.</translation>
    </message>
    <message numerus="yes">
        <source>Buffered: {records} records came in %n burst(s)</source>
        <translation>
            <numerusform>Gepuffert: {records} Datensätze kamen in einem Schub</numerusform>
            <numerusform>Gepuffert: {records} Datensätze kamen in %n Schüben</numerusform>
        </translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a blank line as well.</source>
        <translation>Nach dem Standard wird er verworfen. Schließen Sie auch den letzten mit einer Leerzeile ab.</translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a line end as well.</source>
        <translation>Nach dem Standard wird er verworfen. Schließen Sie auch den letzten mit einem Zeilenende ab.</translation>
    </message>
    <message>
        <source>Bytes that are no UTF-8: {records}</source>
        <translation>Bytes, die kein UTF-8 sind: {records}</translation>
    </message>
    <message>
        <source>Clients stop reading at the end mark. Send it last.</source>
        <translation>Clients hören bei der Endmarke auf zu lesen. Senden Sie sie zuletzt.</translation>
    </message>
    <message>
        <source>Compressors hold back what is small. Send event streams as they are; proxies need telling, too.</source>
        <translation>Komprimierung hält kleine Mengen zurück. Senden Sie Ereignisströme unverändert; auch Proxys muss man das sagen.</translation>
    </message>
    <message>
        <source>Cut in the middle of a record</source>
        <translation>Mitten in einem Datensatz abgeschnitten</translation>
    </message>
    <message>
        <source>Cut off before it was whole.</source>
        <translation>Abgeschnitten, bevor er vollständig war.</translation>
    </message>
    <message>
        <source>Data that is not JSON: {records}</source>
        <translation>Daten, die kein JSON sind: {records}</translation>
    </message>
    <message>
        <source>Event streams are UTF-8 whatever the header says.</source>
        <translation>Ereignisströme sind UTF-8, was auch immer die Kopfzeile sagt.</translation>
    </message>
    <message>
        <source>Events that the protocol does not know: {names}</source>
        <translation>Ereignisse, die das Protokoll nicht kennt: {names}</translation>
    </message>
    <message>
        <source>If the model was not thinking there, look for a server or a proxy that stalls. Comments (lines that begin with “:”) every 15 s keep proxies from hanging up.</source>
        <translation>Falls das Modell dort nicht überlegt hat, suchen Sie nach einem Server oder Proxy, der stockt. Kommentare (Zeilen, die mit „:“ beginnen) alle 15 s halten Proxys davon ab, die Verbindung zu trennen.</translation>
    </message>
    <message>
        <source>It came by way of {via}.</source>
        <translation>Sie kam über {via}.</translation>
    </message>
    <message>
        <source>It does not say where to.</source>
        <translation>Wohin, sagt er nicht.</translation>
    </message>
    <message>
        <source>It ends before its last bracket: the server, or something on the way, stopped there.</source>
        <translation>Es endet vor seiner letzten Klammer: Der Server oder etwas auf dem Weg hat dort aufgehört.</translation>
    </message>
    <message>
        <source>It knows no chunks, so that an end can’t be told from a cut. In nginx set “proxy_http_version 1.1”.</source>
        <translation>Es kennt keine Chunks, sodass sich ein Ende nicht von einem Abbruch unterscheiden lässt. Setzen Sie in nginx „proxy_http_version 1.1“.</translation>
    </message>
    <message>
        <source>It says “X-Accel-Buffering: yes”: send “no”.</source>
        <translation>Darin steht „X-Accel-Buffering: yes“: Senden Sie „no“.</translation>
    </message>
    <message>
        <source>Its length was known beforehand, so that it was whole before it was sent.</source>
        <translation>Ihre Länge war vorher bekannt; sie war also vollständig, bevor sie gesendet wurde.</translation>
    </message>
    <message>
        <source>Its type is {kind}. Perhaps the address is wrong, or a proxy answered with a page.</source>
        <translation>Ihr Typ ist {kind}. Vielleicht ist die Adresse falsch, oder ein Proxy hat mit einer Webseite geantwortet.</translation>
    </message>
    <message>
        <source>JSON that is labelled as an event stream</source>
        <translation>JSON, das als Ereignisstrom gekennzeichnet ist</translation>
    </message>
    <message>
        <source>Line ends are mixed: {kinds}</source>
        <translation>Gemischte Zeilenenden: {kinds}</translation>
    </message>
    <message>
        <source>Lines of JSON that are labelled {kind}</source>
        <translation>JSON-Zeilen, die als {kind} gekennzeichnet sind</translation>
    </message>
    <message>
        <source>NUL bytes in {records}</source>
        <translation>NUL-Bytes: {records}</translation>
    </message>
    <message>
        <source>No [DONE] at the end</source>
        <translation>Kein [DONE] am Ende</translation>
    </message>
    <message>
        <source>No data in it.</source>
        <translation>Keine Daten darin.</translation>
    </message>
    <message>
        <source>No end mark came, so that the stream can’t be told from a cut one.</source>
        <translation>Es kam keine Endmarke; so lässt sich der Datenstrom nicht von einem abgebrochenen unterscheiden.</translation>
    </message>
    <message>
        <source>No usage was sent</source>
        <translation>Kein Verbrauch gesendet</translation>
    </message>
    <message>
        <source>Not everything is shown</source>
        <translation>Nicht alles wird gezeigt</translation>
    </message>
    <message>
        <source>Not kept: {size}. Recordings have room for {room} together.</source>
        <translation>Nicht aufbewahrt: {size}. Aufzeichnungen haben zusammen Platz für {room}.</translation>
    </message>
    <message>
        <source>Not read to its end</source>
        <translation>Nicht bis zum Ende gelesen</translation>
    </message>
    <message>
        <source>Not read: the reply had ended.</source>
        <translation>Nicht gelesen: Die Antwort war zu Ende.</translation>
    </message>
    <message>
        <source>Not read: the reply had failed.</source>
        <translation>Nicht gelesen: Die Antwort war fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Nothing that is whole yet.</source>
        <translation>Noch nichts Vollständiges.</translation>
    </message>
    <message>
        <source>Nothing wrong with this stream</source>
        <translation>An diesem Datenstrom ist nichts auszusetzen</translation>
    </message>
    <message>
        <source>One is enough; nothing is read after the first.</source>
        <translation>Eine genügt; nach der ersten wird nichts mehr gelesen.</translation>
    </message>
    <message>
        <source>Only the end of the connection ends it, which a break can’t be told from. Send “Transfer-Encoding: chunked”.</source>
        <translation>Nur das Ende der Verbindung beendet sie, und das ist von einem Abbruch nicht zu unterscheiden. Senden Sie „Transfer-Encoding: chunked“.</translation>
    </message>
    <message>
        <source>Only the very first bytes may be one. Perhaps files or buffers were put one after the other.</source>
        <translation>Nur die allerersten Bytes dürfen eine sein. Vielleicht wurden Dateien oder Puffer aneinandergehängt.</translation>
    </message>
    <message>
        <source>Records, order, end and transport are as they should be.</source>
        <translation>Datensätze, Reihenfolge, Ende und Übertragung sind, wie sie sein sollen.</translation>
    </message>
    <message>
        <source>Replay of {name}</source>
        <translation>Wiedergabe von {name}</translation>
    </message>
    <message>
        <source>Send each event’s JSON on data lines of its own and end it with a blank line. JSON that goes over several lines needs “data: ” before each of them.</source>
        <translation>Senden Sie das JSON jedes Ereignisses in eigenen data-Zeilen und beenden Sie es mit einer Leerzeile. JSON über mehrere Zeilen braucht „data: “ vor jeder davon.</translation>
    </message>
    <message>
        <source>Send events, or “Content-Type: application/json”.</source>
        <translation>Senden Sie Ereignisse oder „Content-Type: application/json“.</translation>
    </message>
    <message>
        <source>Send “Content-Type: application/x-ndjson”.</source>
        <translation>Senden Sie „Content-Type: application/x-ndjson“.</translation>
    </message>
    <message>
        <source>Send “Content-Type: text/event-stream”: many clients refuse anything else.</source>
        <translation>Senden Sie „Content-Type: text/event-stream“: Viele Clients lehnen alles andere ab.</translation>
    </message>
    <message>
        <source>Several events without a blank line between: {records}</source>
        <translation>Mehrere Ereignisse ohne Leerzeile dazwischen: {records}</translation>
    </message>
    <message>
        <source>Something between the model and Weir collects the stream.</source>
        <translation>Etwas zwischen dem Modell und Weir sammelt den Datenstrom.</translation>
    </message>
    <message>
        <source>The answer came by HTTP/1.0</source>
        <translation>Die Antwort kam über HTTP/1.0</translation>
    </message>
    <message>
        <source>The answer is compressed ({encoding}), and compressors wait for more: switch that off.</source>
        <translation>Die Antwort ist komprimiert ({encoding}), und Komprimierung wartet auf mehr: Schalten Sie sie ab.</translation>
    </message>
    <message>
        <source>The answer is no reply</source>
        <translation>Die Antwort enthält keinen Modelltext</translation>
    </message>
    <message>
        <source>The answer is not sent in HTTP chunks</source>
        <translation>Die Antwort wird nicht in HTTP-Chunks gesendet</translation>
    </message>
    <message>
        <source>The body ({size}) was too large to be kept.</source>
        <translation>Der Rumpf ({size}) war zu groß zum Aufbewahren.</translation>
    </message>
    <message>
        <source>The body says more; see the records and the answer’s headers.</source>
        <translation>Der Rumpf sagt mehr; siehe die Datensätze und die Kopfzeilen der Antwort.</translation>
    </message>
    <message>
        <source>The connection broke before the answer ended</source>
        <translation>Die Verbindung brach ab, bevor die Antwort endete</translation>
    </message>
    <message>
        <source>The document is not whole</source>
        <translation>Das Dokument ist nicht vollständig</translation>
    </message>
    <message>
        <source>The end mark is missing</source>
        <translation>Die Endmarke fehlt</translation>
    </message>
    <message>
        <source>The end mark.</source>
        <translation>Die Endmarke.</translation>
    </message>
    <message>
        <source>The event “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>Das Ereignis „{name}“ kam nicht; so lässt sich der Datenstrom nicht von einem abgebrochenen unterscheiden.</translation>
    </message>
    <message>
        <source>The field “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>Das Feld „{name}“ kam nicht; so lässt sich der Datenstrom nicht von einem abgebrochenen unterscheiden.</translation>
    </message>
    <message>
        <source>The file was changed since it was recorded: the times no longer belong to the same bytes.</source>
        <translation>Die Datei wurde seit der Aufzeichnung geändert: Die Zeiten gehören nicht mehr zu denselben Bytes.</translation>
    </message>
    <message>
        <source>The first record came after {time}</source>
        <translation>Der erste Datensatz kam nach {time}</translation>
    </message>
    <message>
        <source>The head of an answer came, and nothing after it.</source>
        <translation>Der Kopf einer Antwort kam und danach nichts mehr.</translation>
    </message>
    <message>
        <source>The last record has no blank line</source>
        <translation>Dem letzten Datensatz fehlt die Leerzeile</translation>
    </message>
    <message>
        <source>The last record has no line end</source>
        <translation>Dem letzten Datensatz fehlt das Zeilenende</translation>
    </message>
    <message>
        <source>The model said that it had ended, but “data: [DONE]” did not follow. Some clients wait for it.</source>
        <translation>Das Modell hat sein Ende gemeldet, aber „data: [DONE]“ folgte nicht. Manche Clients warten darauf.</translation>
    </message>
    <message>
        <source>The protocol is not known.</source>
        <translation>Das Protokoll ist nicht bekannt.</translation>
    </message>
    <message>
        <source>The protocol of {name} can’t be told from its records. Name it with --protocol, one of: {known}.</source>
        <translation>Das Protokoll von {name} lässt sich an den Datensätzen nicht erkennen. Nennen Sie es mit --protocol, eines von: {known}.</translation>
    </message>
    <message>
        <source>The reply came as one document</source>
        <translation>Die Antwort kam als ein Dokument</translation>
    </message>
    <message numerus="yes">
        <source>The reply ended %n time(s)</source>
        <translation>
            <numerusform>Die Antwort endete %n-mal</numerusform>
            <numerusform>Die Antwort endete %n-mal</numerusform>
        </translation>
    </message>
    <message>
        <source>The reply failed</source>
        <translation>Die Antwort ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>The server asks to wait (Retry-After: {after}).</source>
        <translation>Der Server bittet zu warten (Retry-After: {after}).</translation>
    </message>
    <message>
        <source>The server closed the connection, or it could not be reached.</source>
        <translation>Der Server hat die Verbindung geschlossen oder war nicht erreichbar.</translation>
    </message>
    <message>
        <source>The server did not stream. If it should, see whether the request says so and the server looks.</source>
        <translation>Der Server hat nicht gestreamt. Falls er es soll, prüfen Sie, ob die Anfrage es verlangt und der Server es beachtet.</translation>
    </message>
    <message>
        <source>The server or a proxy hung up: look for a crash, a time limit, or a limit on the answer’s size.</source>
        <translation>Der Server oder ein Proxy hat die Verbindung getrennt: Suchen Sie nach einem Absturz, einer Zeitgrenze oder einer Grenze für die Größe der Antwort.</translation>
    </message>
    <message>
        <source>The server refused: {name}</source>
        <translation>Der Server hat abgelehnt: {name}</translation>
    </message>
    <message>
        <source>The server sends on ({name})</source>
        <translation>Der Server leitet weiter ({name})</translation>
    </message>
    <message>
        <source>The server, or something on the way, ended the answer before the record was whole.</source>
        <translation>Der Server oder etwas auf dem Weg hat die Antwort beendet, bevor der Datensatz vollständig war.</translation>
    </message>
    <message>
        <source>The stream has a length ({length} bytes)</source>
        <translation>Der Datenstrom hat eine Länge ({length} Bytes)</translation>
    </message>
    <message>
        <source>The stream is compressed ({encoding})</source>
        <translation>Der Datenstrom ist komprimiert ({encoding})</translation>
    </message>
    <message>
        <source>The type names another charset: {kind}</source>
        <translation>Der Typ nennt einen anderen Zeichensatz: {kind}</translation>
    </message>
    <message>
        <source>There is no file {file}.</source>
        <translation>Es gibt keine Datei {file}.</translation>
    </message>
    <message>
        <source>There was neither a “finish_reason” nor “data: [DONE]”, so that the stream can’t be told from a cut one.</source>
        <translation>Es kam weder ein „finish_reason“ noch „data: [DONE]“; so lässt sich der Datenstrom nicht von einem abgebrochenen unterscheiden.</translation>
    </message>
    <message>
        <source>There was no answer</source>
        <translation>Es gab keine Antwort</translation>
    </message>
    <message>
        <source>They became “�”. Event streams are UTF-8 by their standard; don’t cut characters in two when text is taken apart as bytes.</source>
        <translation>Sie wurden zu „�“. Ereignisströme sind nach ihrem Standard UTF-8; zerschneiden Sie keine Zeichen, wenn Text byteweise geteilt wird.</translation>
    </message>
    <message>
        <source>They keep the connection open and say nothing. That is as it should be.</source>
        <translation>Sie halten die Verbindung offen und sagen nichts. So soll es sein.</translation>
    </message>
    <message>
        <source>This conversation is kept nowhere, and nobody is asked.</source>
        <translation>Diese Unterhaltung wird nirgends aufbewahrt, und niemand wird gefragt.</translation>
    </message>
    <message>
        <source>This header asks nginx to collect the stream. Send “no”.</source>
        <translation>Diese Kopfzeile bittet nginx, den Datenstrom zu sammeln. Senden Sie „no“.</translation>
    </message>
    <message>
        <source>This is not JSON: the reply ended here.</source>
        <translation>Das ist kein JSON: Die Antwort endete hier.</translation>
    </message>
    <message>
        <source>To {target}.</source>
        <translation>Nach {target}.</translation>
    </message>
    <message>
        <source>Tokens can’t be counted without it.</source>
        <translation>Ohne ihn lassen sich Tokens nicht zählen.</translation>
    </message>
    <message>
        <source>Weir asks for it by {option}; the server may not know it.</source>
        <translation>Weir bittet darum mit {option}; vielleicht kennt der Server das nicht.</translation>
    </message>
    <message>
        <source>Weir closed the connection: the reply was stopped, or it failed.</source>
        <translation>Weir hat die Verbindung geschlossen: Die Antwort wurde angehalten oder ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Weir passes over it; some clients take it for a part of the first field’s name.</source>
        <translation>Weir übergeht sie; manche Clients halten sie für einen Teil des Namens des ersten Feldes.</translation>
    </message>
    <message>
        <source>Weir passes over them. If they should say something, compare their names with the protocol’s.</source>
        <translation>Weir übergeht sie. Falls sie etwas sagen sollen, vergleichen Sie ihre Namen mit denen des Protokolls.</translation>
    </message>
    <message>
        <source>Weir takes them apart, other clients may not. End each event with a blank line.</source>
        <translation>Weir trennt sie, andere Clients vielleicht nicht. Beenden Sie jedes Ereignis mit einer Leerzeile.</translation>
    </message>
    <message>
        <source>a line of its head is “{line}”.</source>
        <translation>eine Zeile des Kopfes lautet „{line}“.</translation>
    </message>
    <message>
        <source>end</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>it holds no text.</source>
        <translation>sie enthält keinen Text.</translation>
    </message>
    <message>
        <source>it was written by a newer Weir. Update this one to play it.</source>
        <translation>sie stammt von einem neueren Weir. Aktualisieren Sie dieses, um sie abzuspielen.</translation>
    </message>
    <message>
        <source>nginx stands between: send “X-Accel-Buffering: no”, or set “proxy_buffering off”.</source>
        <translation>nginx steht dazwischen: Senden Sie „X-Accel-Buffering: no“ oder setzen Sie „proxy_buffering off“.</translation>
    </message>
    <message>
        <source>no counts</source>
        <translation>keine Zahlen</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>Platzhalter</translation>
    </message>
    <message>
        <source>progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>reasoning</source>
        <translation>Überlegung</translation>
    </message>
    <message>
        <source>record {number}</source>
        <translation>Datensatz {number}</translation>
    </message>
    <message>
        <source>records {numbers}</source>
        <translation>Datensätze {numbers}</translation>
    </message>
    <message>
        <source>refusal</source>
        <translation>Ablehnung</translation>
    </message>
    <message>
        <source>text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>the line “:weir body” is missing.</source>
        <translation>die Zeile „:weir body“ fehlt.</translation>
    </message>
    <message>
        <source>there is a head of HTTP in it, and no body.</source>
        <translation>darin steht ein HTTP-Kopf, aber kein Rumpf.</translation>
    </message>
    <message>
        <source>tool call</source>
        <translation>Werkzeugaufruf</translation>
    </message>
    <message>
        <source>usage</source>
        <translation>Verbrauch</translation>
    </message>
    <message>
        <source>what follows “:weir {name}” is no JSON object.</source>
        <translation>was auf „:weir {name}“ folgt, ist kein JSON-Objekt.</translation>
    </message>
    <message>
        <source>{count} cached</source>
        <translation>{count} aus dem Cache</translation>
    </message>
    <message>
        <source>{count} in</source>
        <translation>{count} Eingabe</translation>
    </message>
    <message>
        <source>{count} out</source>
        <translation>{count} Ausgabe</translation>
    </message>
    <message>
        <source>{count} reasoning</source>
        <translation>{count} für Überlegungen</translation>
    </message>
    <message>
        <source>{count} total</source>
        <translation>{count} gesamt</translation>
    </message>
    <message>
        <source>{file} can’t be read ({reason}).</source>
        <translation>{file} ist nicht lesbar ({reason}).</translation>
    </message>
    <message>
        <source>{file} could not be written ({reason}). Choose another place.</source>
        <translation>{file} konnte nicht geschrieben werden ({reason}). Wählen Sie einen anderen Ort.</translation>
    </message>
    <message>
        <source>{file} is a folder. Name a recorded stream in it.</source>
        <translation>{file} ist ein Ordner. Nennen Sie einen aufgezeichneten Datenstrom darin.</translation>
    </message>
    <message>
        <source>{file} is empty. Record a stream with “curl -N”, or save one in the inspector.</source>
        <translation>{file} ist leer. Zeichnen Sie einen Datenstrom mit „curl -N“ auf oder speichern Sie einen im Inspektor.</translation>
    </message>
    <message>
        <source>{file} is larger than {size} MB, too large for a recorded stream.</source>
        <translation>{file} ist größer als {size} MB, zu groß für einen aufgezeichneten Datenstrom.</translation>
    </message>
    <message>
        <source>{file} is not a whole recording: {error}</source>
        <translation>{file} ist keine vollständige Aufzeichnung: {error}</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>“{name}” is not a protocol that Weir knows. There are: {known}.</source>
        <translation>„{name}“ ist kein Protokoll, das Weir kennt. Es gibt: {known}.</translation>
    </message>
    <message>
        <source>“{name}” is not an event of this protocol; it is passed over.</source>
        <translation>„{name}“ ist kein Ereignis dieses Protokolls; es wird übergangen.</translation>
    </message>
    <message>
        <source>“{pair}” is no time and size.</source>
        <translation>„{pair}“ ist keine Zeit mit Größe.</translation>
    </message>
    <message>
        <source>“{words}”. The status was {status}, because the stream had begun. Clients that look at the status alone take this for a success.</source>
        <translation>„{words}“. Der Status war {status}, weil der Datenstrom schon begonnen hatte. Clients, die nur auf den Status achten, halten das für einen Erfolg.</translation>
    </message>
    <message>
        <source>“{word}” stands for no byte.</source>
        <translation>„{word}“ steht für kein Byte.</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message numerus="yes">
        <source>… %n more byte(s)</source>
        <translation>
            <numerusform>… noch %n Byte</numerusform>
            <numerusform>… noch %n Bytes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InspectorDoor</name>
    <message>
        <source>Inspect the stream</source>
        <translation>Datenstrom untersuchen</translation>
    </message>
    <message>
        <source>raw, records, SSE, curl, debug, request, headers</source>
        <translation>roh, Datensätze, SSE, curl, Debug, Anfrage, Kopfzeilen</translation>
    </message>
</context>
<context>
    <name>InspectorWindow</name>
    <message numerus="yes">
        <source>%n record(s)</source>
        <translation>
            <numerusform>%n Datensatz</numerusform>
            <numerusform>%n Datensätze</numerusform>
        </translation>
    </message>
    <message>
        <source>(The body was too large to be kept.)</source>
        <translation>(Der Rumpf war zu groß zum Aufbewahren.)</translation>
    </message>
    <message>
        <source>A file that “weir replay” plays</source>
        <translation>Eine Datei, die „weir replay“ abspielt</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Attempt</source>
        <extracomment>Which of several requests for one reply</extracomment>
        <translation>Versuch</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Copy as curl</source>
        <translation>Als curl kopieren</translation>
    </message>
    <message>
        <source>Copy the body</source>
        <translation>Rumpf kopieren</translation>
    </message>
    <message>
        <source>More may come.</source>
        <translation>Es kann noch mehr kommen.</translation>
    </message>
    <message>
        <source>Nothing is recorded of this reply.</source>
        <translation>Von dieser Antwort ist nichts aufgezeichnet.</translation>
    </message>
    <message>
        <source>Of the older replies some were dropped: there is room for {size}.</source>
        <translation>Von den älteren Antworten wurden einige verworfen: Platz ist für {size}.</translation>
    </message>
    <message>
        <source>Recorded streams (*.sse)</source>
        <translation>Aufgezeichnete Datenströme (*.sse)</translation>
    </message>
    <message>
        <source>Records and details</source>
        <translation>Datensätze und Einzelheiten</translation>
    </message>
    <message>
        <source>Save the stream</source>
        <translation>Datenstrom speichern</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Speichern …</translation>
    </message>
    <message>
        <source>Stream inspector</source>
        <translation>Datenstrom-Inspektor</translation>
    </message>
    <message>
        <source>Stream of a reply</source>
        <translation>Datenstrom einer Antwort</translation>
    </message>
    <message>
        <source>The JSON that was sent</source>
        <translation>Das gesendete JSON</translation>
    </message>
    <message>
        <source>The answer ended as HTTP has it.</source>
        <translation>Die Antwort endete, wie HTTP es vorsieht.</translation>
    </message>
    <message>
        <source>The connection broke.</source>
        <translation>Die Verbindung brach ab.</translation>
    </message>
    <message>
        <source>The head came after {time}.</source>
        <translation>Der Kopf kam nach {time}.</translation>
    </message>
    <message>
        <source>The request as a command, with a variable in place of the key</source>
        <translation>Die Anfrage als Befehl, mit einer Variablen anstelle des Schlüssels</translation>
    </message>
    <message>
        <source>There is no answer yet.</source>
        <translation>Es gibt noch keine Antwort.</translation>
    </message>
    <message>
        <source>There is no reply here yet. Send a prompt, and its stream is shown while it comes.</source>
        <translation>Hier gibt es noch keine Antwort. Senden Sie einen Prompt, und sein Datenstrom wird gezeigt, während er kommt.</translation>
    </message>
    <message>
        <source>Weir closed the connection.</source>
        <translation>Weir hat die Verbindung geschlossen.</translation>
    </message>
    <message>
        <source>What crosses the wire is kept for this run of Weir alone, and never written to a file unless you save it.</source>
        <translation>Was über die Leitung geht, bleibt nur für diesen Lauf von Weir erhalten und wird nie in eine Datei geschrieben, es sei denn, Sie speichern es.</translation>
    </message>
    <message>
        <source>live</source>
        <extracomment>The stream is coming at this moment</extracomment>
        <translation>live</translation>
    </message>
    <message>
        <source>no answer</source>
        <extracomment>The request was sent, and there is no answer yet</extracomment>
        <translation>keine Antwort</translation>
    </message>
    <message>
        <source>silent for {time}</source>
        <translation>seit {time} still</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>{model} at {endpoint}</source>
        <translation>{model} bei {endpoint}</translation>
    </message>
    <message>
        <source>… {size} in all; “Copy the body” has the rest.</source>
        <translation>… insgesamt {size}; „Rumpf kopieren“ liefert den Rest.</translation>
    </message>
</context>
<context>
    <name>KeptForm</name>
    <message>
        <source>As it came with Weir</source>
        <translation>Wie mit Weir geliefert</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
</context>
<context>
    <name>KeptList</name>
    <message numerus="yes">
        <source>%n came in.</source>
        <extracomment>Prompts or personas came in from a file</extracomment>
        <translation>
            <numerusform>%n übernommen.</numerusform>
            <numerusform>%n übernommen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <extracomment>Prompts or personas of the file that were here before</extracomment>
        <translation>
            <numerusform>%n war schon hier.</numerusform>
            <numerusform>%n waren schon hier.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were written to {file}.</source>
        <extracomment>Prompts or personas were written to a file</extracomment>
        <translation>
            <numerusform>%n in {file} geschrieben.</numerusform>
            <numerusform>%n in {file} geschrieben.</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Delete {name}</source>
        <translation>{name} löschen</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>{name} bearbeiten</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>Hide {name}</source>
        <translation>{name} ausblenden</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importieren …</translation>
    </message>
    <message>
        <source>Move {name} down</source>
        <translation>{name} nach unten</translation>
    </message>
    <message>
        <source>Move {name} up</source>
        <translation>{name} nach oben</translation>
    </message>
    <message>
        <source>Readable files (*.toml)</source>
        <translation>Lesbare Dateien (*.toml)</translation>
    </message>
    <message>
        <source>Show what is hidden ({count})</source>
        <translation>Ausgeblendetes zeigen ({count})</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>changed</source>
        <extracomment>A prompt or persona that comes with Weir and was changed</extracomment>
        <translation>geändert</translation>
    </message>
    <message>
        <source>comes with Weir</source>
        <translation>gehört zu Weir</translation>
    </message>
    <message>
        <source>{problem} Until then nothing can be changed here.</source>
        <translation>{problem} Bis dahin lässt sich hier nichts ändern.</translation>
    </message>
    <message>
        <source>“{name}” is hidden.</source>
        <translation>„{name}“ ist ausgeblendet.</translation>
    </message>
    <message>
        <source>“{name}” was deleted.</source>
        <translation>„{name}“ wurde gelöscht.</translation>
    </message>
</context>
<context>
    <name>KeyCard</name>
    <message>
        <source>A service you have a key for</source>
        <translation>Ein Dienst, für den Sie einen Schlüssel haben</translation>
    </message>
    <message>
        <source>Keys are kept in this computer’s keyring and nowhere else.</source>
        <translation>Schlüssel liegen im Schlüsselbund dieses Rechners und nirgends sonst.</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Schlüssel einfügen</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>Dienst</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the key works</extracomment>
        <translation>Testen</translation>
    </message>
    <message>
        <source>The key goes into {keyring} and nowhere else.</source>
        <translation>Der Schlüssel wird in {keyring} abgelegt und nirgends sonst.</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. The key is kept in memory and forgotten when Weir ends.</source>
        <translation>Dieser Rechner hat keinen Schlüsselbund, den Weir benutzen kann. Der Schlüssel bleibt im Arbeitsspeicher und ist vergessen, wenn Weir endet.</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>Dieser Schlüssel enthält Zeichen, die in keinem Schlüssel vorkommen.</translation>
    </message>
    <message>
        <source>This looks like a key for {service}, which Weir can’t talk to yet. If it is for another service, choose that one.</source>
        <translation>Das sieht nach einem Schlüssel für {service} aus; damit kann Weir noch nicht sprechen. Gehört er zu einem anderen Dienst, wählen Sie diesen.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Benutzen</translation>
    </message>
    <message>
        <source>Use it anyway</source>
        <translation>Trotzdem benutzen</translation>
    </message>
    <message>
        <source>Which service is this key for? Choose it beside the key.</source>
        <translation>Für welchen Dienst ist dieser Schlüssel? Wählen Sie ihn neben dem Schlüssel.</translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>Schlüssel</translation>
    </message>
</context>
<context>
    <name>KeyboardPage</name>
    <message>
        <source>Actions and their keys</source>
        <translation>Aktionen und ihre Tasten</translation>
    </message>
    <message>
        <source>Add other keys</source>
        <translation>Weitere Tasten</translation>
    </message>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add another shortcut</extracomment>
        <translation>Hinzufügen …</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern …</translation>
    </message>
    <message>
        <source>Every action has its first keys again.</source>
        <translation>Jede Aktion hat wieder ihre ursprünglichen Tasten.</translation>
    </message>
    <message>
        <source>Find an action or its keys</source>
        <translation>Aktion oder Tasten suchen</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>No keys</source>
        <translation>Keine Tasten</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>Nichts heißt so.</translation>
    </message>
    <message>
        <source>Press others</source>
        <extracomment>On a button: press other keys instead</extracomment>
        <translation>Andere drücken</translation>
    </message>
    <message>
        <source>Reset</source>
        <extracomment>On a button: give an action its first keys again</extracomment>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Alle zurücksetzen</translation>
    </message>
    <message>
        <source>Take keys away</source>
        <extracomment>On a button: an action then has no keys</extracomment>
        <translation>Tasten entfernen</translation>
    </message>
    <message>
        <source>Take them over</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>while a message has the keyboard</source>
        <translation>solange eine Nachricht die Tastatur hat</translation>
    </message>
    <message>
        <source>while the list has the keyboard</source>
        <translation>solange die Liste die Tastatur hat</translation>
    </message>
    <message>
        <source>{action}: {keys}</source>
        <translation>{action}: {keys}</translation>
    </message>
    <message>
        <source>{keys} is for “{action}”. Taken over, that has these keys no longer.</source>
        <translation>{keys} gehört zu „{action}“. Wird es übernommen, hat jene Aktion diese Tasten nicht mehr.</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Escape stops a reply and closes what is open.</source>
        <translation>Esc hält eine Antwort an und schließt, was offen ist.</translation>
    </message>
    <message>
        <source>{keys} alone writes a character. Hold Ctrl or Alt with it.</source>
        <translation>{keys} allein schreibt ein Zeichen. Halten Sie dazu Strg oder Alt.</translation>
    </message>
    <message>
        <source>{keys} belongs to input methods on many systems.</source>
        <translation>{keys} gehört auf vielen Systemen den Eingabemethoden.</translation>
    </message>
    <message>
        <source>{keys} is needed for writing and moving about.</source>
        <translation>{keys} wird zum Schreiben und Bewegen gebraucht.</translation>
    </message>
    <message>
        <source>{keys} is needed for writing.</source>
        <translation>{keys} wird zum Schreiben gebraucht.</translation>
    </message>
    <message>
        <source>{keys} writes a character on many keyboards, where it is AltGr.</source>
        <translation>{keys} schreibt auf vielen Tastaturen ein Zeichen; es ist dort AltGr.</translation>
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
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Like the system: {language}</source>
        <translation>Wie das System: {language}</translation>
    </message>
    <message>
        <source>Weir speaks {language} from its next start on.</source>
        <translation>Weir spricht ab dem nächsten Start {language}.</translation>
    </message>
</context>
<context>
    <name>LineupBar</name>
    <message>
        <source>Add a model to compare</source>
        <translation>Modell zum Vergleich hinzufügen</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Hinzufügen …</translation>
    </message>
    <message>
        <source>Choose one more…</source>
        <extracomment>On a button: add a model</extracomment>
        <translation>Noch eines wählen …</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Models to compare</source>
        <translation>Zu vergleichende Modelle</translation>
    </message>
    <message>
        <source>One model again</source>
        <translation>Wieder ein Modell</translation>
    </message>
</context>
<context>
    <name>LineupPopup</name>
    <message>
        <source>Choose at least two. The same model may be there twice.</source>
        <translation>Wählen Sie mindestens zwei. Dasselbe Modell darf zweimal vorkommen.</translation>
    </message>
    <message>
        <source>Compare which models? Up to four</source>
        <translation>Welche Modelle vergleichen? Bis zu vier</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the list</extracomment>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Four are chosen, and there is no room for more.</source>
        <translation>Vier sind gewählt; für mehr ist kein Platz.</translation>
    </message>
    <message>
        <source>{number} of {most} chosen</source>
        <translation>{number} von {most} gewählt</translation>
    </message>
</context>
<context>
    <name>LiveConversation</name>
    <message>
        <source>A reply is still coming. Stop it first.</source>
        <translation>Es kommt noch eine Antwort. Halten Sie sie zuerst an.</translation>
    </message>
    <message>
        <source>This long conversation is still being read. Try again in a moment.</source>
        <translation>Diese lange Unterhaltung wird noch gelesen. Versuchen Sie es gleich noch einmal.</translation>
    </message>
</context>
<context>
    <name>LocalModel</name>
    <message>
        <source>Another model was chosen while this one was starting.</source>
        <translation>Während dieses Modell startete, wurde ein anderes gewählt.</translation>
    </message>
    <message>
        <source>Checking the demo model…</source>
        <translation>Demomodell wird geprüft …</translation>
    </message>
    <message>
        <source>No chat template: this is a base model. It continues text and will ramble.</source>
        <translation>Keine Chat-Vorlage: Das ist ein Basismodell. Es setzt Text fort und schweift ab.</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>Auf diesem Rechner</translation>
    </message>
    <message>
        <source>Part {position} of {count} is missing: “{name}” has to lie in the same folder.</source>
        <translation>Teil {position} von {count} fehlt: „{name}“ muss im selben Ordner liegen.</translation>
    </message>
    <message>
        <source>Starting the model…</source>
        <translation>Modell wird gestartet …</translation>
    </message>
    <message>
        <source>The demo model could not be read: {reason}.</source>
        <translation>Das Demomodell konnte nicht gelesen werden: {reason}.</translation>
    </message>
    <message>
        <source>The demo model is not on this computer. Run:  {command}  (93 MB), or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>Das Demomodell ist nicht auf diesem Rechner. Führen Sie aus:  {command}  (93 MB), oder wählen Sie unter Einstellungen, Auf diesem Rechner eine eigene GGUF-Datei.</translation>
    </message>
    <message>
        <source>The demo model’s file is damaged: its checksum is wrong. Run:  {command} --force-reinstall</source>
        <translation>Die Datei des Demomodells ist beschädigt: Ihre Prüfsumme stimmt nicht. Führen Sie aus:  {command} --force-reinstall</translation>
    </message>
    <message>
        <source>The engine cannot load this model: {reason}.</source>
        <translation>Dieses Modell lässt sich nicht laden: {reason}.</translation>
    </message>
    <message>
        <source>The file became shorter while it was read.</source>
        <translation>Die Datei wurde kürzer, während sie gelesen wurde.</translation>
    </message>
    <message>
        <source>The file is cut short: its header goes on beyond its end. Download it again.</source>
        <translation>Die Datei ist abgeschnitten: Ihr Kopf reicht über ihr Ende hinaus. Laden Sie sie noch einmal herunter.</translation>
    </message>
    <message>
        <source>The file is cut short: {missing} are missing. Download it again.</source>
        <translation>Die Datei ist abgeschnitten: {missing} fehlen. Laden Sie sie noch einmal herunter.</translation>
    </message>
    <message>
        <source>The file is damaged: its header is far too large.</source>
        <translation>Die Datei ist beschädigt: Ihr Kopf ist viel zu groß.</translation>
    </message>
    <message>
        <source>The file is damaged: its header makes no sense.</source>
        <translation>Die Datei ist beschädigt: Ihr Kopf ergibt keinen Sinn.</translation>
    </message>
    <message>
        <source>The file “{name}” could not be read: {reason}.</source>
        <translation>Die Datei „{name}“ konnte nicht gelesen werden: {reason}.</translation>
    </message>
    <message>
        <source>The file “{name}” is no longer there.</source>
        <translation>Die Datei „{name}“ ist nicht mehr da.</translation>
    </message>
    <message>
        <source>The model keeps ending unexpectedly. Wait a minute before you try again, or choose a smaller model.</source>
        <translation>Das Modell endet immer wieder unerwartet. Warten Sie eine Minute, bevor Sie es noch einmal versuchen, oder wählen Sie ein kleineres Modell.</translation>
    </message>
    <message>
        <source>The model was stopped while it was starting.</source>
        <translation>Das Modell wurde während des Starts angehalten.</translation>
    </message>
    <message>
        <source>The model’s process could not be started: {reason}.</source>
        <translation>Der Prozess des Modells konnte nicht gestartet werden: {reason}.</translation>
    </message>
    <message>
        <source>The model’s process ended unexpectedly (code {code}).</source>
        <translation>Der Prozess des Modells endete unerwartet (Code {code}).</translation>
    </message>
    <message>
        <source>The part that runs models is not installed. Close Weir, run:  pip install {module}  and start Weir again.</source>
        <translation>Der Teil, der Modelle ausführt, ist nicht installiert. Schließen Sie Weir, führen Sie aus:  pip install {module}  und starten Sie Weir wieder.</translation>
    </message>
    <message>
        <source>The system ended the model, probably because memory ran out. It needs about {need} GB.</source>
        <translation>Das System hat das Modell beendet, wahrscheinlich weil der Arbeitsspeicher nicht reichte. Es braucht etwa {need} GB.</translation>
    </message>
    <message>
        <source>There is no ready-made part that runs models for Windows on ARM.</source>
        <translation>Für Windows auf ARM gibt es keinen fertigen Teil, der Modelle ausführt.</translation>
    </message>
    <message>
        <source>This GGUF file has version {version}, which is not known here.</source>
        <translation>Diese GGUF-Datei hat Version {version}, die hier nicht bekannt ist.</translation>
    </message>
    <message>
        <source>This GGUF file holds no language model.</source>
        <translation>Diese GGUF-Datei enthält kein Sprachmodell.</translation>
    </message>
    <message>
        <source>This GGUF file was made for big-endian machines and cannot be used.</source>
        <translation>Diese GGUF-Datei wurde für Big-Endian-Rechner gemacht und ist hier nicht zu gebrauchen.</translation>
    </message>
    <message>
        <source>This computer’s processor lacks instructions that the model needs (AVX2). Use a model server or a service instead.</source>
        <translation>Dem Prozessor dieses Rechners fehlen Befehle, die das Modell braucht (AVX2). Benutzen Sie stattdessen einen Modellserver oder einen Dienst.</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the demo model. Install the copy with it, or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>Diese Ausgabe von Weir kommt ohne das Demomodell. Installieren Sie die Ausgabe mit ihm, oder wählen Sie unter Einstellungen, Auf diesem Rechner eine eigene GGUF-Datei.</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the part that runs models. Install the full one.</source>
        <translation>Diese Ausgabe von Weir kommt ohne den Teil, der Modelle ausführt. Installieren Sie die vollständige.</translation>
    </message>
    <message>
        <source>This file is {what}, not a model. Choose the model's own file.</source>
        <translation>Diese Datei ist {what}, kein Modell. Wählen Sie die Datei des Modells selbst.</translation>
    </message>
    <message>
        <source>This is not a GGUF file.</source>
        <translation>Das ist keine GGUF-Datei.</translation>
    </message>
    <message>
        <source>This is part {number} of {count}, but its name was changed. The parts must keep the names they were downloaded with.</source>
        <translation>Das ist Teil {number} von {count}, aber sein Name wurde geändert. Die Teile müssen die Namen behalten, unter denen sie heruntergeladen wurden.</translation>
    </message>
    <message>
        <source>This is part {number} of {count}: choose the first part, “{name}”.</source>
        <translation>Das ist Teil {number} von {count}: Wählen Sie den ersten Teil, „{name}“.</translation>
    </message>
    <message>
        <source>This model is made for searching texts; it cannot chat.</source>
        <translation>Dieses Modell ist zum Durchsuchen von Texten gemacht; es kann nicht chatten.</translation>
    </message>
    <message>
        <source>a measurement for making models</source>
        <translation>eine Messung zum Erstellen von Modellen</translation>
    </message>
    <message>
        <source>an adapter</source>
        <translation>ein Adapter</translation>
    </message>
    <message>
        <source>an addition to a model</source>
        <translation>eine Ergänzung zu einem Modell</translation>
    </message>
    <message>
        <source>its chat template cannot be understood</source>
        <translation>seine Chat-Vorlage ist nicht zu verstehen</translation>
    </message>
    <message>
        <source>many GB</source>
        <translation>viele GB</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>der Datenträger nannte keinen Grund</translation>
    </message>
    <message>
        <source>the name is not a file's</source>
        <translation>der Name gehört zu keiner Datei</translation>
    </message>
    <message>
        <source>the part of a model that sees pictures</source>
        <translation>der Teil eines Modells, der Bilder sieht</translation>
    </message>
    <message>
        <source>{count} MB</source>
        <translation>{count} MB</translation>
    </message>
</context>
<context>
    <name>LocalPage</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n Token</numerusform>
            <numerusform>%n Tokens</numerusform>
        </translation>
    </message>
    <message>
        <source>A model file of your own</source>
        <translation>Eine eigene Modelldatei</translation>
    </message>
    <message>
        <source>A model that runs here needs no key and no connection. Weir starts it when you first ask it.</source>
        <translation>Ein Modell, das hier läuft, braucht weder Schlüssel noch Verbindung. Weir startet es, wenn Sie es zum ersten Mal fragen.</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose a GGUF file</source>
        <translation>GGUF-Datei wählen</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>GGUF-Datei wählen …</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Demo model</source>
        <translation>Demomodell</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>In use</source>
        <extracomment>A model that is in use now</extracomment>
        <translation>In Gebrauch</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>Modelle (*.gguf)</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>Auf diesem Rechner</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Wird gelesen …</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Small and fast, for trying things out. What it says is often wrong.</source>
        <translation>Klein und schnell, zum Ausprobieren. Was es sagt, ist oft falsch.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Benutzen</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>Dieses Modell benutzen</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>nicht angegeben</translation>
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
            <numerusform>%n Token</numerusform>
            <numerusform>%n Tokens</numerusform>
        </translation>
    </message>
    <message>
        <source>Demo model, often wrong</source>
        <translation>Demomodell, oft falsch</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>Zahlen zur Antwort</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>erstes Token {time}</translation>
    </message>
    <message>
        <source>on this computer</source>
        <translation>auf diesem Rechner</translation>
    </message>
    <message>
        <source>waiting {time}</source>
        <translation>wartet {time}</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} Tok/s</translation>
    </message>
</context>
<context>
    <name>ModelChip</name>
    <message>
        <source>Remove {name}</source>
        <translation>{name} entfernen</translation>
    </message>
</context>
<context>
    <name>ModelPopup</name>
    <message>
        <source>Add an endpoint…</source>
        <translation>Endpunkt hinzufügen …</translation>
    </message>
    <message>
        <source>By its name</source>
        <translation>Nach seinem Namen</translation>
    </message>
    <message>
        <source>Find a model, or type its name</source>
        <translation>Modell suchen oder seinen Namen eingeben</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>No models listed yet. Type a name, or refresh.</source>
        <translation>Noch keine Modelle aufgelistet. Geben Sie einen Namen ein oder aktualisieren Sie.</translation>
    </message>
    <message>
        <source>Not refreshed. {why}</source>
        <translation>Nicht aktualisiert. {why}</translation>
    </message>
    <message>
        <source>Refresh</source>
        <extracomment>On a button: ask for the list of models again</extracomment>
        <translation>Aktualisieren</translation>
    </message>
    <message>
        <source>Use “{model}” at {endpoint}</source>
        <translation>„{model}“ bei {endpoint} benutzen</translation>
    </message>
</context>
<context>
    <name>ModelQuestion</name>
    <message>
        <source>Try again with which model?</source>
        <translation>Mit welchem Modell noch einmal?</translation>
    </message>
</context>
<context>
    <name>Network</name>
    <message>
        <source>A SOCKS proxy takes names and passwords of at most 255 letters.</source>
        <translation>Ein SOCKS-Proxy nimmt Namen und Passwörter mit höchstens 255 Zeichen.</translation>
    </message>
    <message>
        <source>A proxy’s address begins with http://, https://, socks5:// or socks5h://.</source>
        <translation>Die Adresse eines Proxys beginnt mit http://, https://, socks5:// oder socks5h://.</translation>
    </message>
    <message>
        <source>Begin the address with socks5:// if the proxy speaks SOCKS 5; SOCKS 4 can’t be used.</source>
        <translation>Beginnen Sie die Adresse mit socks5://, wenn der Proxy SOCKS 5 spricht; SOCKS 4 wird nicht unterstützt.</translation>
    </message>
    <message>
        <source>Check this computer’s clock.</source>
        <translation>Prüfen Sie die Uhr dieses Rechners.</translation>
    </message>
    <message>
        <source>Check this computer’s clock; if it is right, the service has to renew its certificate.</source>
        <translation>Prüfen Sie die Uhr dieses Rechners; geht sie richtig, muss der Dienst sein Zertifikat erneuern.</translation>
    </message>
    <message>
        <source>Enter the proxy’s address, like http://proxy.example:8080.</source>
        <translation>Geben Sie die Adresse des Proxys ein, etwa http://proxy.example:8080.</translation>
    </message>
    <message>
        <source>If the server is yours, name its certificate’s file under Settings, Network.</source>
        <translation>Wenn es Ihr Server ist, geben Sie die Datei seines Zertifikats unter Einstellungen, Netzwerk an.</translation>
    </message>
    <message>
        <source>If you trust who issued it, name the file of that authority under Settings, Network.</source>
        <translation>Wenn Sie der ausstellenden Stelle vertrauen, geben Sie deren Datei unter Einstellungen, Netzwerk an.</translation>
    </message>
    <message>
        <source>Leave out what follows the port in the proxy’s address.</source>
        <translation>Lassen Sie in der Adresse des Proxys weg, was auf den Port folgt.</translation>
    </message>
    <message>
        <source>Nothing is listening at {name}.</source>
        <translation>Unter {name} ist nichts erreichbar.</translation>
    </message>
    <message>
        <source>Something on the way shows its own: name its authority’s file under Settings, Network.</source>
        <translation>Etwas auf dem Weg zeigt sein eigenes: Geben Sie die Datei seiner Zertifizierungsstelle unter Einstellungen, Netzwerk an.</translation>
    </message>
    <message>
        <source>The answer could not be unpacked.</source>
        <translation>Die Antwort konnte nicht entpackt werden.</translation>
    </message>
    <message>
        <source>The certificate is for another name: check the address.</source>
        <translation>Das Zertifikat gilt für einen anderen Namen: Prüfen Sie die Adresse.</translation>
    </message>
    <message>
        <source>The certificates in {ca_file} are damaged. Ask for the file again.</source>
        <translation>Die Zertifikate in {ca_file} sind beschädigt. Lassen Sie sich die Datei noch einmal geben.</translation>
    </message>
    <message>
        <source>The certificates of this system could not be read: {reason}</source>
        <translation>Die Zertifikate dieses Systems konnten nicht gelesen werden: {reason}</translation>
    </message>
    <message>
        <source>The endpoint's extra fields hold something that JSON can't.</source>
        <translation>Die zusätzlichen Felder des Endpunkts enthalten etwas, das es in JSON nicht gibt.</translation>
    </message>
    <message>
        <source>The name in the proxy’s address can’t be that of a computer.</source>
        <translation>Der Name in der Adresse des Proxys kann nicht der eines Rechners sein.</translation>
    </message>
    <message>
        <source>The name of one of the endpoint's headers has characters that can't be sent.</source>
        <translation>Der Name einer Kopfzeile des Endpunkts enthält Zeichen, die sich nicht senden lassen.</translation>
    </message>
    <message>
        <source>The network is unreachable.</source>
        <translation>Das Netzwerk ist nicht erreichbar.</translation>
    </message>
    <message>
        <source>The port in the proxy’s address has to be a number from 1 to 65535.</source>
        <translation>Der Port in der Adresse des Proxys muss eine Zahl von 1 bis 65535 sein.</translation>
    </message>
    <message>
        <source>The port is missing: a proxy’s address ends like :8080.</source>
        <translation>Der Port fehlt: Die Adresse eines Proxys endet etwa mit :8080.</translation>
    </message>
    <message>
        <source>The proxy answered {status}.</source>
        <translation>Der Proxy antwortete {status}.</translation>
    </message>
    <message>
        <source>The proxy asks for a name and password. Put them into its address under Settings, Network: http://name:password@…</source>
        <translation>Der Proxy verlangt Name und Passwort. Geben Sie sie in seiner Adresse unter Einstellungen, Netzwerk an: http://name:password@…</translation>
    </message>
    <message>
        <source>The proxy could not reach {host}: {reason}.</source>
        <translation>Der Proxy konnte {host} nicht erreichen: {reason}.</translation>
    </message>
    <message>
        <source>The proxy did not accept the name and password. Enter them again under Settings, Network.</source>
        <translation>Der Proxy hat Name und Passwort nicht angenommen. Geben Sie sie unter Einstellungen, Netzwerk noch einmal ein.</translation>
    </message>
    <message>
        <source>The proxy named in the environment can’t be used: {error}</source>
        <translation>Der in der Umgebung genannte Proxy ist nicht zu gebrauchen: {error}</translation>
    </message>
    <message>
        <source>The proxy’s address has to look like http://proxy.example:8080.</source>
        <translation>Die Adresse des Proxys muss die Form http://proxy.example:8080 haben.</translation>
    </message>
    <message>
        <source>The proxy’s name and password stand in a file. Enter the proxy anew under Settings, Network.</source>
        <translation>Name und Passwort des Proxys stehen in einer Datei. Geben Sie den Proxy unter Einstellungen, Netzwerk neu ein.</translation>
    </message>
    <message>
        <source>The proxy’s name or password holds characters that can’t be sent.</source>
        <translation>Name oder Passwort des Proxys enthalten Zeichen, die sich nicht senden lassen.</translation>
    </message>
    <message>
        <source>The proxy’s name {host} was not found.</source>
        <translation>Der Name {host} des Proxys wurde nicht gefunden.</translation>
    </message>
    <message>
        <source>The request could not be put into HTTP.</source>
        <translation>Die Anfrage ließ sich nicht in HTTP fassen.</translation>
    </message>
    <message>
        <source>The server does not speak TLS at this port. Perhaps the address should start with http://.</source>
        <translation>Der Server spricht an diesem Port kein TLS. Vielleicht muss die Adresse mit http:// beginnen.</translation>
    </message>
    <message>
        <source>The server sends on in a circle.</source>
        <translation>Der Server leitet im Kreis weiter.</translation>
    </message>
    <message>
        <source>The server sends on to {host}. Put that address into the endpoint if you trust it.</source>
        <translation>Der Server leitet weiter zu {host}. Tragen Sie diese Adresse beim Endpunkt ein, wenn Sie ihr vertrauen.</translation>
    </message>
    <message>
        <source>The server sent too much: {error}.</source>
        <translation>Der Server hat zu viel gesendet: {error}.</translation>
    </message>
    <message>
        <source>The value of the header {name} has characters that can't be sent.</source>
        <translation>Der Wert der Kopfzeile {name} enthält Zeichen, die sich nicht senden lassen.</translation>
    </message>
    <message>
        <source>There is a space in the proxy’s address.</source>
        <translation>Die Adresse des Proxys enthält ein Leerzeichen.</translation>
    </message>
    <message>
        <source>There is no file {ca_file}. Choose the file of certificates again.</source>
        <translation>Es gibt keine Datei {ca_file}. Wählen Sie die Zertifikatsdatei noch einmal.</translation>
    </message>
    <message>
        <source>This is an automatic configuration file (PAC), which can’t be used. Enter the proxy it names.</source>
        <translation>Das ist eine Datei zur automatischen Konfiguration (PAC); sie wird nicht unterstützt. Geben Sie den Proxy ein, den sie nennt.</translation>
    </message>
    <message>
        <source>This is the certificate of the proxy. {words}</source>
        <translation>Das ist das Zertifikat des Proxys. {words}</translation>
    </message>
    <message>
        <source>What answers at {name} is no {scheme} proxy, or it closed the connection.</source>
        <translation>Was unter {name} antwortet, ist kein {scheme}-Proxy, oder es hat die Verbindung geschlossen.</translation>
    </message>
    <message>
        <source>a single record is larger than {limit} MB</source>
        <translation>ein einzelner Datensatz ist größer als {limit} MB</translation>
    </message>
    <message>
        <source>{ca_file} can’t be read ({reason}). Check its permissions.</source>
        <translation>{ca_file} ist nicht lesbar ({reason}). Prüfen Sie die Rechte der Datei.</translation>
    </message>
    <message>
        <source>{ca_file} holds a private key, not certificates. Choose the certificate of the authority.</source>
        <translation>{ca_file} enthält einen privaten Schlüssel, keine Zertifikate. Wählen Sie das Zertifikat der Zertifizierungsstelle.</translation>
    </message>
    <message>
        <source>{ca_file} holds no certificates in PEM form, which begin with “-----BEGIN CERTIFICATE-----”.</source>
        <translation>{ca_file} enthält keine Zertifikate in PEM-Form; diese beginnen mit „-----BEGIN CERTIFICATE-----“.</translation>
    </message>
    <message>
        <source>{ca_file} is a folder. Choose the file of certificates in it.</source>
        <translation>{ca_file} ist ein Ordner. Wählen Sie die Zertifikatsdatei darin.</translation>
    </message>
    <message>
        <source>{name} did not answer in time.</source>
        <translation>{name} hat nicht rechtzeitig geantwortet.</translation>
    </message>
    <message>
        <source>{name} names {value}, which does not exist.</source>
        <translation>{name} nennt {value}; das gibt es nicht.</translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>A file of certificates (PEM) that are trusted beside the system’s, for instance your company’s. Leave it empty where none is needed.</source>
        <translation>Eine Datei mit Zertifikaten (PEM), denen neben denen des Systems vertraut wird, etwa denen Ihrer Firma. Leer lassen, wenn keine nötig ist.</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>Zertifikate</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>Wartezeiten</translation>
    </message>
    <message>
        <source>How services are reached. Servers on this computer are always asked directly, and an endpoint can have a way of its own.</source>
        <translation>Wie Dienste erreicht werden. Server auf diesem Rechner werden immer direkt gefragt, und ein Endpunkt kann einen eigenen Weg haben.</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Not used yet: enter its address.</source>
        <translation>Noch nicht benutzt: Geben Sie seine Adresse ein.</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>{problem} Until then requests go as before.</source>
        <translation>{problem} Bis dahin gehen Anfragen wie bisher.</translation>
    </message>
</context>
<context>
    <name>NetworkText</name>
    <message>
        <source>“{text}” has to be a number of seconds from {least} to {most}.</source>
        <translation>„{text}“ muss eine Zahl von Sekunden von {least} bis {most} sein.</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Put this notice away</source>
        <translation>Diese Mitteilung schließen</translation>
    </message>
</context>
<context>
    <name>Notifier</name>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
    <message>
        <source>The reply of {model} failed.</source>
        <translation>Die Antwort von {model} ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>{model} has replied.</source>
        <translation>{model} hat geantwortet.</translation>
    </message>
</context>
<context>
    <name>Offers</name>
    <message>
        <source>Favourites</source>
        <translation>Favoriten</translation>
    </message>
    <message>
        <source>Used last</source>
        <translation>Zuletzt benutzt</translation>
    </message>
</context>
<context>
    <name>OnceChip</name>
    <message>
        <source>@{model} at {endpoint} answers this once</source>
        <translation>@{model} bei {endpoint} antwortet dieses eine Mal</translation>
    </message>
    <message>
        <source>Back to the conversation’s own model</source>
        <translation>Zurück zum Modell der Unterhaltung</translation>
    </message>
</context>
<context>
    <name>OptionField</name>
    <message>
        <source>Left to the service</source>
        <translation>Dem Dienst überlassen</translation>
    </message>
    <message>
        <source>None</source>
        <comment>system prompt</comment>
        <translation>Keiner</translation>
    </message>
    <message>
        <source>Not sent</source>
        <translation>Nicht gesendet</translation>
    </message>
    <message>
        <source>Until then it is left to the service.</source>
        <translation>Bis dahin bleibt es dem Dienst überlassen.</translation>
    </message>
</context>
<context>
    <name>Options</name>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>Der Wert muss zwischen 0 und {most} liegen.</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>Der Wert muss mindestens {least} sein.</translation>
    </message>
    <message>
        <source>No model writes that much.</source>
        <translation>So viel schreibt kein Modell.</translation>
    </message>
    <message>
        <source>This is not a number.</source>
        <translation>Das ist keine Zahl.</translation>
    </message>
    <message>
        <source>This is not a whole number.</source>
        <translation>Das ist keine ganze Zahl.</translation>
    </message>
    <message>
        <source>This number is too large.</source>
        <translation>Diese Zahl ist zu groß.</translation>
    </message>
</context>
<context>
    <name>OptionsPanel</name>
    <message>
        <source>All at once, when it is done</source>
        <translation>Auf einmal, wenn sie fertig ist</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>Während sie kommt</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>So viel es kann</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the panel</extracomment>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Viel</translation>
    </message>
    <message>
        <source>It is kept, but not sent.</source>
        <translation>Es bleibt erhalten, wird aber nicht gesendet.</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>Dem Dienst überlassen</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>Längste Antwort, in Tokens</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Wenig</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Mittel</translation>
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
        <translation>Keine</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>Optionen dieser Unterhaltung</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Überlegungen</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>Überlegungen, in Tokens</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Alle zurücksetzen</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Seed</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>An diesen Texten enden, einer je Zeile</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Systemprompt</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>The number of tokens counts instead.</source>
        <translation>Stattdessen zählt die Anzahl der Tokens.</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>Die Antwort wird gezeigt</translation>
    </message>
    <message>
        <source>They go with every prompt from now on, here for {model}.</source>
        <translation>Sie gehen von jetzt an mit jedem Prompt mit, hier für {model}.</translation>
    </message>
    <message>
        <source>They go with every prompt from now on.</source>
        <translation>Sie gehen von jetzt an mit jedem Prompt mit.</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Sehr viel</translation>
    </message>
</context>
<context>
    <name>Outside</name>
    <message>
        <source>Desktop</source>
        <translation>Desktop</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Kurze Frage</translation>
    </message>
    <message>
        <source>Settings: Desktop</source>
        <translation>Einstellungen: Desktop</translation>
    </message>
    <message>
        <source>notifications tray background quick question</source>
        <translation>Mitteilungen Benachrichtigungen Infobereich Tray Hintergrund kurze Frage</translation>
    </message>
    <message>
        <source>small window ask</source>
        <translation>kleines Fenster fragen</translation>
    </message>
</context>
<context>
    <name>OwnForm</name>
    <message>
        <source>A JSON pointer to the text in each record that comes back. Leave it empty where Weir finds the text by itself, as in the usual forms.</source>
        <translation>Ein JSON-Pointer auf den Text in jedem Datensatz, der zurückkommt. Leer lassen, wo Weir den Text von selbst findet, wie in den üblichen Formen.</translation>
    </message>
    <message>
        <source>A form of your own</source>
        <translation>Eine eigene Form</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Methode</translation>
    </message>
    <message>
        <source>Where the text is</source>
        <translation>Stelle des Textes</translation>
    </message>
</context>
<context>
    <name>OwnWay</name>
    <message>
        <source>A PEM file that is trusted for this endpoint, in place of the one under Network.</source>
        <translation>Eine PEM-Datei, der für diesen Endpunkt vertraut wird, anstelle der unter Netzwerk.</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>Zertifikatsdatei</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>Wartezeiten</translation>
    </message>
    <message>
        <source>Network…</source>
        <translation>Netzwerk …</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Shows proxy, certificates and waits of this endpoint</source>
        <translation>Zeigt Proxy, Zertifikate und Wartezeiten dieses Endpunkts</translation>
    </message>
    <message>
        <source>What is left empty is as under Settings, Network.</source>
        <translation>Was leer bleibt, gilt wie unter Einstellungen, Netzwerk.</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>An action, a conversation or a model</source>
        <translation>Eine Aktion, eine Unterhaltung oder ein Modell</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>Archiv</translation>
    </message>
    <message>
        <source>Do or open anything</source>
        <translation>Etwas ausführen oder öffnen</translation>
    </message>
    <message>
        <source>Done lately</source>
        <translation>Zuletzt ausgeführt</translation>
    </message>
    <message>
        <source>Latest conversations</source>
        <translation>Neueste Unterhaltungen</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>Nichts heißt so.</translation>
    </message>
    <message>
        <source>What fits</source>
        <translation>Was passt</translation>
    </message>
    <message>
        <source>conversation</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>Unterhaltung</translation>
    </message>
    <message>
        <source>model</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>Modell</translation>
    </message>
    <message>
        <source>not possible now</source>
        <translation>zurzeit nicht möglich</translation>
    </message>
</context>
<context>
    <name>PersonaButton</name>
    <message>
        <source>Edit personas…</source>
        <translation>Personas bearbeiten …</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Persona: none</source>
        <translation>Persona: ohne</translation>
    </message>
    <message>
        <source>Persona: {name}</source>
        <translation>Persona: {name}</translation>
    </message>
</context>
<context>
    <name>PersonaField</name>
    <message>
        <source>Edit personas…</source>
        <translation>Personas bearbeiten …</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>Persona</translation>
    </message>
    <message>
        <source>These values are this conversation’s own by now.</source>
        <translation>Diese Werte gehören inzwischen nur dieser Unterhaltung.</translation>
    </message>
    <message>
        <source>This conversation keeps these values, whatever the persona becomes.</source>
        <translation>Diese Unterhaltung behält diese Werte, was auch immer aus der Persona wird.</translation>
    </message>
    <message>
        <source>{name}, as it was</source>
        <translation>{name}, wie sie war</translation>
    </message>
</context>
<context>
    <name>Personas</name>
    <message>
        <source>A conversation that was started before keeps the values that it has.</source>
        <translation>Eine früher begonnene Unterhaltung behält die Werte, die sie hat.</translation>
    </message>
    <message>
        <source>A persona is a system prompt with a name, and the model and options that go with it. A conversation takes its values over; changing the persona later does not change the conversation.</source>
        <translation>Eine Persona ist ein Systemprompt mit einem Namen, dazu ein Modell und Optionen. Eine Unterhaltung übernimmt ihre Werte; ändert sich die Persona später, bleibt die Unterhaltung, wie sie ist.</translation>
    </message>
    <message>
        <source>A persona needs a name.</source>
        <translation>Eine Persona braucht einen Namen.</translation>
    </message>
    <message>
        <source>All at once, when it is done</source>
        <translation>Auf einmal, wenn sie fertig ist</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>Während sie kommt</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>So viel es kann</translation>
    </message>
    <message>
        <source>For new conversations</source>
        <translation>Für neue Unterhaltungen</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Viel</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>Dem Dienst überlassen</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>Längste Antwort, in Tokens</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Wenig</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>Minimal</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Minimal</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>New persona</source>
        <translation>Neue Persona</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Nothing set</source>
        <translation>Nichts gesetzt</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>Personas</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Überlegungen</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>Überlegungen, in Tokens</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Seed</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>An diesen Texten enden, einer je Zeile</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Systemprompt</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>The one chosen at the top</source>
        <translation>Das oben gewählte</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>Die Antwort wird gezeigt</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Sehr viel</translation>
    </message>
</context>
<context>
    <name>PickerButton</name>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>Modell: {name}</translation>
    </message>
</context>
<context>
    <name>Picture</name>
    <message>
        <source>larger than {size}</source>
        <translation>größer als {size}</translation>
    </message>
    <message>
        <source>not a picture of a kind that is shown</source>
        <translation>kein Bild von einer Art, die gezeigt wird</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>nicht mehr vorhanden</translation>
    </message>
    <message>
        <source>the server answered {status}</source>
        <translation>der Server antwortete {status}</translation>
    </message>
    <message>
        <source>the server can’t be reached</source>
        <translation>der Server ist nicht erreichbar</translation>
    </message>
    <message>
        <source>the server refuses it</source>
        <translation>der Server verweigert es</translation>
    </message>
    <message>
        <source>the server sends on to another</source>
        <translation>der Server leitet zu einem anderen weiter</translation>
    </message>
</context>
<context>
    <name>PlaceHead</name>
    <message>
        <source>All conversations</source>
        <translation>Alle Unterhaltungen</translation>
    </message>
    <message>
        <source>Empty…</source>
        <extracomment>What is done, on a button: delete what is in the bin</extracomment>
        <translation>Leeren …</translation>
    </message>
</context>
<context>
    <name>PlaceList</name>
    <message>
        <source>Delete the folder, keep its conversations</source>
        <translation>Ordner löschen, seine Unterhaltungen behalten</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Umbenennen …</translation>
    </message>
</context>
<context>
    <name>Placeholder</name>
    <message>
        <source>A problem</source>
        <translation>Ein Problem</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Something else</source>
        <translation>Etwas anderes</translation>
    </message>
    <message>
        <source>audio</source>
        <translation>Ton</translation>
    </message>
    <message>
        <source>code that the service ran</source>
        <translation>vom Dienst ausgeführter Code</translation>
    </message>
    <message>
        <source>content</source>
        <translation>Inhalt</translation>
    </message>
    <message>
        <source>file</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>hidden reasoning</source>
        <translation>verborgene Überlegungen</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>result of the code</source>
        <translation>Ergebnis des Codes</translation>
    </message>
    <message>
        <source>video</source>
        <translation>Video</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>Conversations</source>
        <translation>Unterhaltungen</translation>
    </message>
    <message>
        <source>Endpoints, without keys</source>
        <translation>Endpunkte, ohne Schlüssel</translation>
    </message>
    <message>
        <source>Log, without texts and keys</source>
        <translation>Protokoll, ohne Texte und Schlüssel</translation>
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
        <translation>Absturzberichte, die nirgendwohin gesendet werden</translation>
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
        <translation>Neuer Prompt</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>Prompts</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Texts to be used again. Type / in an empty line where you write, and choose one.</source>
        <translation>Texte, die wieder gebraucht werden. Geben Sie beim Schreiben in einer leeren Zeile / ein und wählen Sie einen.</translation>
    </message>
    <message>
        <source>There is no text yet.</source>
        <translation>Es gibt noch keinen Text.</translation>
    </message>
    <message>
        <source>To fill in: {names}</source>
        <translation>Auszufüllen: {names}</translation>
    </message>
    <message>
        <source>Translate into {{language=English}}: {{text}}</source>
        <translation>Übersetze in die Sprache {{Sprache=Deutsch}}: {{Text}}</translation>
    </message>
    <message>
        <source>{{topic}} is a place to fill in, under any name; {{language=English}} is filled in already and may be changed; {{clipboard}} is what was copied last, {{date}} the date of the day.</source>
        <translation>{{Thema}} ist eine auszufüllende Stelle, unter beliebigem Namen; {{Sprache=Deutsch}} ist schon ausgefüllt und kann geändert werden; {{clipboard}} ist das zuletzt Kopierte, {{date}} das heutige Datum.</translation>
    </message>
</context>
<context>
    <name>Provider</name>
    <message>
        <source>Google did not let this prompt through ({reason}).</source>
        <translation>Google hat diesen Prompt nicht durchgelassen ({reason}).</translation>
    </message>
    <message>
        <source>It did not say where the reply will be.</source>
        <translation>Es wurde nicht gesagt, wo die Antwort sein wird.</translation>
    </message>
    <message>
        <source>It failed and gave no reason.</source>
        <translation>Es schlug ohne Angabe eines Grundes fehl.</translation>
    </message>
    <message>
        <source>It gave no reason.</source>
        <translation>Ein Grund wurde nicht genannt.</translation>
    </message>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>Der Wert muss zwischen 0 und {most} liegen.</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>Der Wert muss mindestens {least} sein.</translation>
    </message>
    <message>
        <source>Not known to {title}.</source>
        <translation>{title} kennt das nicht.</translation>
    </message>
    <message>
        <source>Not together with reasoning.</source>
        <translation>Nicht zusammen mit Überlegungen.</translation>
    </message>
    <message>
        <source>The demo model does not reason.</source>
        <translation>Das Demomodell überlegt nicht.</translation>
    </message>
    <message>
        <source>The endpoint’s form has no {place}.</source>
        <translation>Die Form des Endpunkts hat kein {place}.</translation>
    </message>
    <message>
        <source>The flow decides this by itself.</source>
        <translation>Das entscheidet der Flow selbst.</translation>
    </message>
    <message>
        <source>The key for the header {header} is missing.</source>
        <translation>Der Schlüssel für die Kopfzeile {header} fehlt.</translation>
    </message>
    <message>
        <source>The key holds characters that can't be sent. Copy it again, without quotes or line breaks.</source>
        <translation>Der Schlüssel enthält Zeichen, die sich nicht senden lassen. Kopieren Sie ihn noch einmal, ohne Anführungszeichen und Zeilenumbrüche.</translation>
    </message>
    <message>
        <source>The list of releases</source>
        <translation>Die Liste der Veröffentlichungen</translation>
    </message>
    <message>
        <source>The model's server ended the reply with an error.</source>
        <translation>Der Server des Modells hat die Antwort mit einem Fehler beendet.</translation>
    </message>
    <message>
        <source>The prediction ended with an error.</source>
        <translation>Die Vorhersage endete mit einem Fehler.</translation>
    </message>
    <message>
        <source>The prediction failed.</source>
        <translation>Die Vorhersage ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Together with reasoning it has to be 0.95 or more.</source>
        <translation>Zusammen mit Überlegungen muss der Wert mindestens 0,95 sein.</translation>
    </message>
    <message>
        <source>the model on this computer</source>
        <translation>Das Modell auf diesem Rechner</translation>
    </message>
    <message>
        <source>your own form</source>
        <translation>Ihre eigene Form</translation>
    </message>
    <message>
        <source>{model} does not stream. Its replies come at once.</source>
        <translation>{model} streamt nicht. Die Antworten kommen auf einmal.</translation>
    </message>
    <message>
        <source>{model} does not take it.</source>
        <translation>{model} nimmt das nicht an.</translation>
    </message>
    <message>
        <source>“{provider}” is not known.</source>
        <translation>„{provider}“ ist nicht bekannt.</translation>
    </message>
</context>
<context>
    <name>ProxyFields</name>
    <message>
        <source>Address of the proxy</source>
        <translation>Adresse des Proxys</translation>
    </message>
    <message>
        <source>As under Settings, Network</source>
        <translation>Wie unter Einstellungen, Netzwerk</translation>
    </message>
    <message>
        <source>Begins with http://, https://, socks5:// or socks5h:// and ends in the port. If it wants a login, type http://name:password@proxy.example:8080; name and password go into the keyring.</source>
        <translation>Beginnt mit http://, https://, socks5:// oder socks5h:// und endet mit dem Port. Verlangt er eine Anmeldung, geben Sie http://name:password@proxy.example:8080 ein; Name und Passwort werden im Schlüsselbund abgelegt.</translation>
    </message>
    <message>
        <source>Its name and password are in memory, for this run only.</source>
        <translation>Sein Name und sein Passwort bleiben nur für diesen Lauf im Arbeitsspeicher.</translation>
    </message>
    <message>
        <source>Its name and password are in the keyring. Type the address with new ones to replace them.</source>
        <translation>Sein Name und sein Passwort liegen im Schlüsselbund. Geben Sie die Adresse mit neuen ein, um sie zu ersetzen.</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>No proxy</source>
        <translation>Kein Proxy</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Remove name and password</source>
        <translation>Name und Passwort entfernen</translation>
    </message>
    <message>
        <source>Straight to the service, whatever the system says.</source>
        <translation>Direkt zum Dienst, was auch immer das System vorgibt.</translation>
    </message>
    <message>
        <source>The variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, on macOS and Windows the system’s settings too.</source>
        <translation>Die Variablen HTTPS_PROXY, HTTP_PROXY, ALL_PROXY und NO_PROXY, unter macOS und Windows auch die Einstellungen des Systems.</translation>
    </message>
    <message>
        <source>This proxy</source>
        <translation>Dieser Proxy</translation>
    </message>
</context>
<context>
    <name>QuickQuestion</name>
    <message>
        <source>Choose a model first.</source>
        <translation>Wählen Sie zuerst ein Modell.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>Ihre Endpunkte werden noch gelesen. Senden Sie gleich noch einmal.</translation>
    </message>
</context>
<context>
    <name>QuickWindow</name>
    <message>
        <source>Ask anything</source>
        <translation>Fragen Sie etwas</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>Dateien anhängen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Copy reply</source>
        <translation>Antwort kopieren</translation>
    </message>
    <message>
        <source>New question</source>
        <translation>Neue Frage</translation>
    </message>
    <message>
        <source>Open in Weir</source>
        <translation>In Weir öffnen</translation>
    </message>
    <message>
        <source>Quick question – Weir</source>
        <translation>Kurze Frage – Weir</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>Antworten …</translation>
    </message>
    <message>
        <source>The reply was copied.</source>
        <translation>Die Antwort wurde kopiert.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. This is sent in a moment.</source>
        <translation>Ihre Endpunkte werden noch gelesen. Das wird gleich gesendet.</translation>
    </message>
</context>
<context>
    <name>RecordModel</name>
    <message>
        <source>Became</source>
        <extracomment>Over a column: what Weir made of a record</extracomment>
        <translation>Wurde zu</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>Gap</source>
        <extracomment>Over a column: the time between a record and the one before</extracomment>
        <translation>Lücke</translation>
    </message>
    <message>
        <source>Record {number} after {time}, {size}: {became}</source>
        <translation>Datensatz {number} nach {time}, {size}: {became}</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Time</source>
        <extracomment>Over a column: when a record came, after the request</extracomment>
        <translation>Zeit</translation>
    </message>
</context>
<context>
    <name>RecordPage</name>
    <message>
        <source>As it came</source>
        <translation>Wie er kam</translation>
    </message>
    <message>
        <source>Choose a record in the list.</source>
        <translation>Wählen Sie einen Datensatz in der Liste.</translation>
    </message>
    <message>
        <source>Event “{event}”.</source>
        <translation>Ereignis „{event}“.</translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation>Nichts.</translation>
    </message>
    <message numerus="yes">
        <source>Record {number}: after {time}, {gap} after the one before; {size} in %n read(s).</source>
        <extracomment>A read is one portion of bytes as it came over the connection</extracomment>
        <translation>
            <numerusform>Datensatz {number}: nach {time}, {gap} nach dem vorigen; {size} in einer Portion.</numerusform>
            <numerusform>Datensatz {number}: nach {time}, {gap} nach dem vorigen; {size} in %n Portionen.</numerusform>
        </translation>
    </message>
    <message>
        <source>What it became</source>
        <translation>Was daraus wurde</translation>
    </message>
</context>
<context>
    <name>RecordView</name>
    <message>
        <source>Records</source>
        <translation>Datensätze</translation>
    </message>
    <message>
        <source>The record was copied.</source>
        <translation>Der Datensatz wurde kopiert.</translation>
    </message>
</context>
<context>
    <name>Recorder</name>
    <message>
        <source>Press the new keys. Escape leaves them as they are.</source>
        <translation>Drücken Sie die neuen Tasten. Esc lässt alles, wie es ist.</translation>
    </message>
</context>
<context>
    <name>RowDelegate</name>
    <message>
        <source>Title of the conversation</source>
        <translation>Titel der Unterhaltung</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>Archive</source>
        <comment>what is done</comment>
        <extracomment>What is done: put conversations into the archive</extracomment>
        <translation>Archivieren</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Delete for good…</source>
        <translation>Endgültig löschen …</translation>
    </message>
    <message>
        <source>Move to</source>
        <translation>Verschieben nach</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>Name des Ordners</translation>
    </message>
    <message>
        <source>Name of the tag</source>
        <translation>Name des Schlagworts</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Neuer Ordner</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Neuer Ordner …</translation>
    </message>
    <message>
        <source>New tag</source>
        <translation>Neues Schlagwort</translation>
    </message>
    <message>
        <source>New tag…</source>
        <translation>Neues Schlagwort …</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>Kein Ordner</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>Anheften</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Restore</source>
        <extracomment>What is done: take conversations out of the bin</extracomment>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Schlagwörter</translation>
    </message>
    <message>
        <source>Take out of the archive</source>
        <extracomment>What is done: show archived conversations in the list again</extracomment>
        <translation>Aus dem Archiv nehmen</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>Lösen</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>Alles durchsuchen</translation>
    </message>
</context>
<context>
    <name>Serving</name>
    <message>
        <source>The message and what follows it were deleted.</source>
        <translation>Die Nachricht und was darauf folgt wurden gelöscht.</translation>
    </message>
    <message>
        <source>The message was deleted.</source>
        <translation>Die Nachricht wurde gelöscht.</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>About</source>
        <translation>Über Weir</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>Endpunkte</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>Auf diesem Rechner</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
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
        <translation>Einstellungen</translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted for good.</source>
        <translation>
            <numerusform>Eine Unterhaltung wurde endgültig gelöscht.</numerusform>
            <numerusform>%n Unterhaltungen wurden endgültig gelöscht.</numerusform>
        </translation>
    </message>
    <message>
        <source>Emptying the bin</source>
        <translation>Papierkorb wird geleert</translation>
    </message>
    <message numerus="yes">
        <source>Emptying the bin: %n deleted</source>
        <translation>
            <numerusform>Papierkorb wird geleert: %n gelöscht</numerusform>
            <numerusform>Papierkorb wird geleert: %n gelöscht</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ShelfRow</name>
    <message>
        <source>Go to this row</source>
        <translation>Zu dieser Zeile gehen</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>Weitere Aktionen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>on screen</source>
        <translation>wird gezeigt</translation>
    </message>
</context>
<context>
    <name>ShelfRows</name>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
</context>
<context>
    <name>ShelfView</name>
    <message>
        <source>Conversations</source>
        <translation>Unterhaltungen</translation>
    </message>
    <message>
        <source>Kept for 30 days</source>
        <translation>30 Tage aufbewahrt</translation>
    </message>
    <message>
        <source>Pinned</source>
        <extracomment>Over the conversations that are kept at the top</extracomment>
        <translation>Angeheftet</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <extracomment>The seven days before yesterday</extracomment>
        <translation>Vorherige 7 Tage</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Gestern</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Always so: the list of conversations</source>
        <translation>Immer so: die Liste der Unterhaltungen</translation>
    </message>
    <message>
        <source>Always so: the transcript</source>
        <translation>Immer so: der Gesprächsverlauf</translation>
    </message>
    <message>
        <source>Always so: writing</source>
        <translation>Immer so: das Schreiben</translation>
    </message>
    <message>
        <source>Arrows</source>
        <extracomment>The four arrow keys</extracomment>
        <translation>Pfeile</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern …</translation>
    </message>
    <message>
        <source>Choose several</source>
        <translation>Mehrere wählen</translation>
    </message>
    <message>
        <source>Copy, select all</source>
        <translation>Kopieren, alles auswählen</translation>
    </message>
    <message>
        <source>Extend the selection</source>
        <translation>Auswahl erweitern</translation>
    </message>
    <message>
        <source>Find a shortcut</source>
        <translation>Tastenkürzel suchen</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Menu</source>
        <extracomment>What a key does: open the menu</extracomment>
        <translation>Menü</translation>
    </message>
    <message>
        <source>New line</source>
        <translation>Neue Zeile</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>Nichts heißt so.</translation>
    </message>
    <message>
        <source>Open</source>
        <extracomment>Open the conversation</extracomment>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Scroll</source>
        <extracomment>What keys do</extracomment>
        <translation>Blättern</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What a key does</extracomment>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Shift and arrows</source>
        <translation>Umschalt und Pfeile</translation>
    </message>
    <message>
        <source>Shift or Ctrl and arrows, Space</source>
        <translation>Umschalt oder Strg und Pfeile, Leertaste</translation>
    </message>
    <message>
        <source>Stop, else close what is open</source>
        <translation>Anhalten, sonst Offenes schließen</translation>
    </message>
    <message>
        <source>To a message’s actions, and the next message’s</source>
        <translation>Zu den Aktionen einer Nachricht und zu denen der nächsten</translation>
    </message>
    <message>
        <source>To the next control, and back</source>
        <translation>Zum nächsten Bedienelement und zurück</translation>
    </message>
</context>
<context>
    <name>ShownModel</name>
    <message>
        <source>Starting the model</source>
        <translation>Modell wird gestartet</translation>
    </message>
    <message>
        <source>The model is ready.</source>
        <translation>Das Modell ist bereit.</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message numerus="yes">
        <source>%n and more found</source>
        <translation>
            <numerusform>%n und mehr gefunden</numerusform>
            <numerusform>%n und mehr gefunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n gefunden</numerusform>
            <numerusform>%n gefunden</numerusform>
        </translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>Archiv</translation>
    </message>
    <message>
        <source>Bin</source>
        <translation>Papierkorb</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n conversation(s) for good?</source>
        <translation>
            <numerusform>Eine Unterhaltung endgültig löschen?</numerusform>
            <numerusform>%n Unterhaltungen endgültig löschen?</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete everything in the bin for good?</source>
        <translation>Alles im Papierkorb endgültig löschen?</translation>
    </message>
    <message>
        <source>Delete for good</source>
        <translation>Endgültig löschen</translation>
    </message>
    <message>
        <source>Delete this conversation for good?</source>
        <translation>Diese Unterhaltung endgültig löschen?</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
    <message>
        <source>No conversation has this tag.</source>
        <translation>Keine Unterhaltung hat dieses Schlagwort.</translation>
    </message>
    <message>
        <source>Nothing found. Try fewer or other words.</source>
        <translation>Nichts gefunden. Versuchen Sie es mit weniger oder anderen Wörtern.</translation>
    </message>
    <message>
        <source>Nothing here yet. Drag conversations onto the folder, or use their menu.</source>
        <translation>Noch nichts hier. Ziehen Sie Unterhaltungen auf den Ordner oder benutzen Sie ihr Menü.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>The bin is empty. What you delete is kept here for 30 days.</source>
        <translation>Der Papierkorb ist leer. Was Sie löschen, bleibt hier 30 Tage.</translation>
    </message>
    <message>
        <source>This can’t be undone.</source>
        <translation>Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>What you archive stays out of the way here, and search still finds it.</source>
        <translation>Was Sie archivieren, liegt hier aus dem Weg, und die Suche findet es trotzdem.</translation>
    </message>
</context>
<context>
    <name>Spelling</name>
    <message>
        <source>Add to the dictionary</source>
        <translation>Zum Wörterbuch hinzufügen</translation>
    </message>
    <message>
        <source>Ignore</source>
        <extracomment>What is done: no longer mark a word</extracomment>
        <translation>Ignorieren</translation>
    </message>
    <message>
        <source>No suggestions</source>
        <translation>Keine Vorschläge</translation>
    </message>
</context>
<context>
    <name>SpellingCard</name>
    <message>
        <source>Looking for dictionaries…</source>
        <translation>Wörterbücher werden gesucht …</translation>
    </message>
    <message>
        <source>Mark words that no dictionary knows</source>
        <translation>Wörter markieren, die kein Wörterbuch kennt</translation>
    </message>
    <message>
        <source>Spelling</source>
        <translation>Rechtschreibung</translation>
    </message>
    <message>
        <source>This system has no dictionary that Weir can use. On Linux it is Enchant 2 with one for Hunspell, for instance libenchant-2-2 and hunspell-en-us on Debian and Ubuntu.</source>
        <translation>Dieses System hat kein Wörterbuch, das Weir benutzen kann. Unter Linux ist es Enchant 2 mit einem für Hunspell, unter Debian und Ubuntu zum Beispiel libenchant-2-2 und hunspell-de-de.</translation>
    </message>
    <message>
        <source>With this system’s dictionaries: {names}. Nothing leaves this computer.</source>
        <translation>Mit den Wörterbüchern dieses Systems: {names}. Nichts verlässt diesen Rechner.</translation>
    </message>
</context>
<context>
    <name>Store</name>
    <message>
        <source>"POST", "PUT" or "GET"</source>
        <translation>"POST", "PUT" oder "GET"</translation>
    </message>
    <message>
        <source>"system", "none" or an address like http://proxy.example:8080</source>
        <translation>"system", "none" oder eine Adresse wie http://proxy.example:8080</translation>
    </message>
    <message>
        <source>An older Weir is running with this history. Close it, then start this one again.</source>
        <translation>Mit diesem Verlauf läuft ein älteres Weir. Schließen Sie es und starten Sie dieses noch einmal.</translation>
    </message>
    <message>
        <source>Another Weir has been writing to the history for too long. Close it, then try again.</source>
        <translation>Ein anderes Weir schreibt schon zu lange in den Verlauf. Schließen Sie es und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Another Weir is preparing the history. Wait for it, then try again.</source>
        <translation>Ein anderes Weir bereitet den Verlauf vor. Warten Sie darauf und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Another program holds the history. Close that program, then try again.</source>
        <translation>Ein anderes Programm hält den Verlauf fest. Schließen Sie es und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Here stands only the name of the key in the keyring.</source>
        <translation>Hier steht nur der Name des Schlüssels im Schlüsselbund.</translation>
    </message>
    <message>
        <source>The disk did not do what was asked of it. Check its free space and its health, then try again.</source>
        <translation>Der Datenträger hat nicht getan, was von ihm verlangt wurde. Prüfen Sie seinen freien Platz und seinen Zustand und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The disk is full. Make room on it, then try again.</source>
        <translation>Der Datenträger ist voll. Schaffen Sie Platz und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The file could not be written: {why}.</source>
        <translation>Die Datei konnte nicht geschrieben werden: {why}.</translation>
    </message>
    <message>
        <source>The file where Weir keeps its history belongs to another program. It has not been touched. Move it elsewhere, or start Weir with another data folder.</source>
        <translation>Die Datei, in der Weir seinen Verlauf aufbewahrt, gehört einem anderen Programm. Sie wurde nicht angerührt. Verschieben Sie sie oder starten Sie Weir mit einem anderen Datenordner.</translation>
    </message>
    <message>
        <source>The history can't be opened or changed. Check the permissions of Weir's data folder.</source>
        <translation>Der Verlauf lässt sich nicht öffnen oder ändern. Prüfen Sie die Rechte des Datenordners von Weir.</translation>
    </message>
    <message>
        <source>The history file is damaged. Start Weir again: the damaged file is then set aside and kept.</source>
        <translation>Die Datei des Verlaufs ist beschädigt. Starten Sie Weir noch einmal: Die beschädigte Datei wird dann beiseitegelegt und aufbewahrt.</translation>
    </message>
    <message>
        <source>There is no file {name}.</source>
        <translation>Es gibt keine Datei {name}.</translation>
    </message>
    <message>
        <source>This conversation is no longer in the history.</source>
        <translation>Diese Unterhaltung ist nicht mehr im Verlauf.</translation>
    </message>
    <message>
        <source>This history was written by a newer version of Weir. It has not been touched. Install the newer version to open it.</source>
        <translation>Dieser Verlauf stammt von einer neueren Version von Weir. Er wurde nicht angerührt. Installieren Sie die neuere Version, um ihn zu öffnen.</translation>
    </message>
    <message>
        <source>This is too large to be saved.</source>
        <translation>Das ist zu groß zum Speichern.</translation>
    </message>
    <message>
        <source>Too many nested values</source>
        <translation>Zu viele verschachtelte Werte</translation>
    </message>
    <message>
        <source>Weir is closing; the history can't be read.</source>
        <translation>Weir wird beendet; der Verlauf kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>Weir is closing; this was not saved.</source>
        <translation>Weir wird beendet; das wurde nicht gespeichert.</translation>
    </message>
    <message>
        <source>Weir is running with this history. Close it first, then try again.</source>
        <translation>Weir läuft mit diesem Verlauf. Schließen Sie es zuerst und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Weir made a mistake while it used the history. The log has the details.</source>
        <translation>Weir hat bei der Arbeit mit dem Verlauf einen Fehler gemacht. Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>a JSON object in quotation marks</source>
        <translation>ein JSON-Objekt in Anführungszeichen</translation>
    </message>
    <message>
        <source>a JSON pointer, like /data/text</source>
        <translation>ein JSON-Pointer wie /data/text</translation>
    </message>
    <message>
        <source>a list of texts, like ["one", "two"]</source>
        <translation>eine Liste von Texten wie ["eins", "zwei"]</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>eine Zahl</translation>
    </message>
    <message>
        <source>a number of seconds from {least} to {most}</source>
        <translation>eine Zahl von Sekunden zwischen {least} und {most}</translation>
    </message>
    <message>
        <source>a table, like [endpoint.body]</source>
        <translation>eine Tabelle wie [endpoint.body]</translation>
    </message>
    <message>
        <source>a table, like [endpoint.headers]</source>
        <translation>eine Tabelle wie [endpoint.headers]</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>eine ganze Zahl</translation>
    </message>
    <message>
        <source>an endpoint needs a name: add name = "…".</source>
        <translation>ein Endpunkt braucht einen Namen: Fügen Sie hinzu: name = "…".</translation>
    </message>
    <message>
        <source>another endpoint has the id “{id}” already. Give this one another id.</source>
        <translation>ein anderer Endpunkt hat schon die id „{id}“. Geben Sie diesem eine andere.</translation>
    </message>
    <message>
        <source>another one has the id “{id}” already. Give this one another id.</source>
        <translation>ein anderer Eintrag hat schon die id „{id}“. Geben Sie diesem eine andere.</translation>
    </message>
    <message>
        <source>each begins with [[{kind}]], in double brackets.</source>
        <translation>jeder Eintrag beginnt mit [[{kind}]], in doppelten Klammern.</translation>
    </message>
    <message>
        <source>endpoints begin with [[endpoint]], in double brackets.</source>
        <translation>Endpunkte beginnen mit [[endpoint]], in doppelten Klammern.</translation>
    </message>
    <message>
        <source>it can't be read ({reason}). Check its permissions.</source>
        <translation>die Datei ist nicht lesbar ({reason}). Prüfen Sie ihre Rechte.</translation>
    </message>
    <message>
        <source>it can't be written ({reason}). Check the free space and the folder's permissions.</source>
        <translation>die Datei kann nicht geschrieben werden ({reason}). Prüfen Sie den freien Platz und die Rechte des Ordners.</translation>
    </message>
    <message>
        <source>it holds text that is not Unicode</source>
        <translation>die Datei enthält Text, der kein Unicode ist</translation>
    </message>
    <message>
        <source>it needs a name: add name = "…".</source>
        <translation>der Eintrag braucht einen Namen: Fügen Sie hinzu: name = "…".</translation>
    </message>
    <message>
        <source>one of {names}</source>
        <translation>eines von {names}</translation>
    </message>
    <message>
        <source>text in quotation marks</source>
        <translation>Text in Anführungszeichen</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>der Datenträger nannte keinen Grund</translation>
    </message>
    <message>
        <source>the endpoints can't be written as TOML. Nothing was changed.</source>
        <translation>die Endpunkte lassen sich nicht als TOML schreiben. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>the header “{name}” has to be text in quotation marks.</source>
        <translation>die Kopfzeile „{name}“ muss Text in Anführungszeichen sein.</translation>
    </message>
    <message>
        <source>the name of a key in the keyring, in quotation marks</source>
        <translation>der Name eines Schlüssels im Schlüsselbund, in Anführungszeichen</translation>
    </message>
    <message>
        <source>the name of an entry in the keyring, in quotation marks</source>
        <translation>der Name eines Eintrags im Schlüsselbund, in Anführungszeichen</translation>
    </message>
    <message>
        <source>the path of a file, in quotation marks</source>
        <translation>der Pfad einer Datei, in Anführungszeichen</translation>
    </message>
    <message>
        <source>this can't be written as TOML. Nothing was changed.</source>
        <translation>das lässt sich nicht als TOML schreiben. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>this is not UTF-8 text. Save the file as UTF-8, then try again.</source>
        <translation>das ist kein UTF-8-Text. Speichern Sie die Datei als UTF-8 und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>this is not valid TOML ({reason}). Correct the line, then try again; nothing was changed.</source>
        <translation>das ist kein gültiges TOML ({reason}). Berichtigen Sie die Zeile und versuchen Sie es noch einmal; es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true oder false</translation>
    </message>
    <message>
        <source>two endpoints have the same id. Nothing was changed.</source>
        <translation>zwei Endpunkte haben dieselbe id. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>{file}, line {line}: {words}</source>
        <translation>{file}, Zeile {line}: {words}</translation>
    </message>
    <message>
        <source>{file}: {words}</source>
        <translation>{file}: {words}</translation>
    </message>
    <message>
        <source>“body_json” has to be a JSON object in quotation marks.</source>
        <translation>„body_json“ muss ein JSON-Objekt in Anführungszeichen sein.</translation>
    </message>
    <message>
        <source>“{name}” has to be {words}.</source>
        <translation>„{name}“ muss {words} sein.</translation>
    </message>
    <message>
        <source>“{name}” looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints.</source>
        <translation>„{name}“ sieht nach einem Geheimnis aus. Schlüssel gehören in den Schlüsselbund des Systems: Nehmen Sie ihn hier heraus und tragen Sie ihn unter Einstellungen, Endpunkte ein.</translation>
    </message>
    <message>
        <source>“{name}” of {endpoint} looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints. Nothing was changed.</source>
        <translation>„{name}“ von {endpoint} sieht nach einem Geheimnis aus. Schlüssel gehören in den Schlüsselbund des Systems: Nehmen Sie ihn hier heraus und tragen Sie ihn unter Einstellungen, Endpunkte ein. Es wurde nichts geändert.</translation>
    </message>
</context>
<context>
    <name>Suggestions</name>
    <message>
        <source>Suggestions</source>
        <translation>Vorschläge</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>There is no summary, and nothing was sent.</source>
        <translation>Es gibt keine Zusammenfassung, und es wurde nichts gesendet.</translation>
    </message>
</context>
<context>
    <name>Telling</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted.</source>
        <translation>
            <numerusform>Eine Unterhaltung wurde gelöscht.</numerusform>
            <numerusform>%n Unterhaltungen wurden gelöscht.</numerusform>
        </translation>
    </message>
    <message>
        <source>A reply has come in “{title}”.</source>
        <translation>In „{title}“ ist eine Antwort angekommen.</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>Bericht zeigen</translation>
    </message>
    <message>
        <source>Something went wrong in Weir last time. A report of it is on this computer; it was sent nowhere.</source>
        <translation>Beim letzten Mal ist in Weir etwas schiefgegangen. Ein Bericht darüber liegt auf diesem Rechner; er wurde nirgendwohin gesendet.</translation>
    </message>
    <message>
        <source>The endpoint “{name}” was removed.</source>
        <translation>Der Endpunkt „{name}“ wurde entfernt.</translation>
    </message>
    <message>
        <source>The folder “{name}” was deleted. What was in it is kept.</source>
        <translation>Der Ordner „{name}“ wurde gelöscht. Was darin war, bleibt erhalten.</translation>
    </message>
    <message>
        <source>The reply in “{title}” failed.</source>
        <translation>Die Antwort in „{title}“ ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. Keys are kept for this run only.</source>
        <translation>Dieser Rechner hat keinen Schlüsselbund, den Weir benutzen kann. Schlüssel bleiben nur für diesen Lauf erhalten.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>{endpoint}: {key}.</source>
        <translation>{endpoint}: {key}.</translation>
    </message>
    <message>
        <source>“{title}” was deleted.</source>
        <translation>„{title}“ wurde gelöscht.</translation>
    </message>
</context>
<context>
    <name>TimeFields</name>
    <message>
        <source>For a connection</source>
        <translation>Auf eine Verbindung</translation>
    </message>
    <message>
        <source>For the first words</source>
        <translation>Auf die ersten Wörter</translation>
    </message>
    <message>
        <source>In a silence after them</source>
        <translation>In einer Pause danach</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Sekunden</translation>
    </message>
    <message>
        <source>s, from {least} to {most}</source>
        <extracomment>After a field for seconds: the unit, and what may stand in it</extracomment>
        <translation>s, von {least} bis {most}</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message numerus="yes">
        <source>%n column(s)</source>
        <translation>
            <numerusform>%n Spalte</numerusform>
            <numerusform>%n Spalten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n Zeile</numerusform>
            <numerusform>%n Zeilen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more sentence(s) to read</source>
        <translation>
            <numerusform>Noch %n Satz zu lesen</numerusform>
            <numerusform>Noch %n Sätze zu lesen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new word(s)</source>
        <translation>
            <numerusform>%n neues Wort</numerusform>
            <numerusform>%n neue Wörter</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%n Zeile</numerusform>
            <numerusform>%n Zeilen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n Token</numerusform>
            <numerusform>%n Tokens</numerusform>
        </translation>
    </message>
    <message>
        <source>Actions of: {message}</source>
        <translation>Aktionen zu: {message}</translation>
    </message>
    <message>
        <source>Can’t be shown: {reason}</source>
        <translation>Lässt sich nicht zeigen: {reason}</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>Suche schließen</translation>
    </message>
    <message>
        <source>Code block</source>
        <translation>Codeblock</translation>
    </message>
    <message>
        <source>Compare replies</source>
        <translation>Antworten vergleichen</translation>
    </message>
    <message>
        <source>Continue</source>
        <extracomment>Have the model write on from where it stopped</extracomment>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Unterhaltung</translation>
    </message>
    <message>
        <source>Copied</source>
        <extracomment>Said once a text is on the clipboard</extracomment>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy as plain text</source>
        <translation>Als reinen Text kopieren</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Code kopieren</translation>
    </message>
    <message>
        <source>Copy link address</source>
        <translation>Linkadresse kopieren</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>Nachricht kopieren</translation>
    </message>
    <message>
        <source>Copy message as plain text</source>
        <translation>Nachricht als reinen Text kopieren</translation>
    </message>
    <message>
        <source>Copy message as rich text</source>
        <translation>Nachricht als formatierten Text kopieren</translation>
    </message>
    <message>
        <source>Copy message with its reasoning</source>
        <translation>Nachricht mit ihren Überlegungen kopieren</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Edit</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>Datei ohne Namen</translation>
    </message>
    <message>
        <source>Find in the conversation</source>
        <translation>In der Unterhaltung suchen</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>Suchen …</translation>
    </message>
    <message>
        <source>Fork from here</source>
        <extracomment>Go on from this message in a conversation of its own</extracomment>
        <translation>Von hier abzweigen</translation>
    </message>
    <message>
        <source>Go to the end</source>
        <translation>Zum Ende</translation>
    </message>
    <message>
        <source>Go to this message</source>
        <translation>Zu dieser Nachricht</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>In this message</source>
        <translation>In dieser Nachricht</translation>
    </message>
    <message>
        <source>Inspect the stream</source>
        <translation>Datenstrom untersuchen</translation>
    </message>
    <message>
        <source>Instructions</source>
        <extracomment>Over a message: who wrote it</extracomment>
        <translation>Anweisungen</translation>
    </message>
    <message>
        <source>Interrupted when Weir ended</source>
        <translation>Durch das Ende von Weir unterbrochen</translation>
    </message>
    <message>
        <source>It asks to wait {time}.</source>
        <translation>Wartezeit laut Dienst: {time}.</translation>
    </message>
    <message>
        <source>Line across the page</source>
        <translation>Trennlinie</translation>
    </message>
    <message numerus="yes">
        <source>List of %n item(s)</source>
        <translation>
            <numerusform>Liste mit einem Eintrag</numerusform>
            <numerusform>Liste mit %n Einträgen</numerusform>
        </translation>
    </message>
    <message>
        <source>Load from {host}</source>
        <translation>Von {host} laden</translation>
    </message>
    <message>
        <source>Load picture</source>
        <translation>Bild laden</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Wird geladen …</translation>
    </message>
    <message>
        <source>Message actions</source>
        <translation>Aktionen der Nachricht</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>Weitere Aktionen</translation>
    </message>
    <message>
        <source>New text</source>
        <translation>Neuer Text</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Nächster Treffer</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>Nächste Fassung</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>Keine Treffer</translation>
    </message>
    <message>
        <source>Note {mark}</source>
        <translation>Anmerkung {mark}</translation>
    </message>
    <message>
        <source>Of what is above this line the model sees only a summary</source>
        <translation>Vom Text über dieser Linie sieht das Modell nur eine Zusammenfassung</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Link öffnen</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>Einstellungen öffnen</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Picture that can’t be shown</source>
        <translation>Bild, das sich nicht zeigen lässt</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>Voriger Treffer</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>Vorige Fassung</translation>
    </message>
    <message>
        <source>Quote</source>
        <translation>Zitat</translation>
    </message>
    <message>
        <source>Reply</source>
        <extracomment>Over a message whose model is not known</extracomment>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Reply finished</source>
        <translation>Antwort fertig</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Save code</source>
        <translation>Code speichern</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>Alles auswählen</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message numerus="yes">
        <source>Show all %n line(s)</source>
        <translation>
            <numerusform>Die eine Zeile zeigen</numerusform>
            <numerusform>Alle %n Zeilen zeigen</numerusform>
        </translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>Weniger zeigen</translation>
    </message>
    <message>
        <source>Stopped</source>
        <extracomment>Under a reply that the user stopped</extracomment>
        <translation>Angehalten</translation>
    </message>
    <message numerus="yes">
        <source>Summary of %n message(s)</source>
        <translation>
            <numerusform>Zusammenfassung einer Nachricht</numerusform>
            <numerusform>Zusammenfassung von %n Nachrichten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Summary without the %n oldest message(s)</source>
        <translation>
            <numerusform>Zusammenfassung ohne die älteste Nachricht</numerusform>
            <numerusform>Zusammenfassung ohne die %n ältesten Nachrichten</numerusform>
        </translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>Das Modell hat die Antwort verweigert</translation>
    </message>
    <message>
        <source>The model no longer sees what is above this line</source>
        <translation>Was über dieser Linie steht, sieht das Modell nicht mehr</translation>
    </message>
    <message>
        <source>The reply failed.</source>
        <translation>Die Antwort ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>Überlegt …</translation>
    </message>
    <message>
        <source>Thought for {time}</source>
        <translation>{time} überlegt</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <extracomment>Over the reasoning of a model</extracomment>
        <translation>Überlegungen</translation>
    </message>
    <message>
        <source>Tool call: {name}</source>
        <translation>Werkzeugaufruf: {name}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Try again with…</source>
        <translation>Noch einmal mit …</translation>
    </message>
    <message>
        <source>Unwrap</source>
        <extracomment>What is done, on a button: lines of code are not broken where the room ends, or are</extracomment>
        <translation>Kein Umbruch</translation>
    </message>
    <message>
        <source>Version {number} of {count}</source>
        <translation>Fassung {number} von {count}</translation>
    </message>
    <message>
        <source>Waiting for the first word…</source>
        <translation>Warten auf das erste Wort …</translation>
    </message>
    <message>
        <source>Wrap</source>
        <translation>Umbrechen</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>can’t be shown here</source>
        <translation>lässt sich hier nicht zeigen</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>erstes Token {time}</translation>
    </message>
    <message>
        <source>not a picture</source>
        <translation>kein Bild</translation>
    </message>
    <message>
        <source>text</source>
        <extracomment>The language of a code block that names none</extracomment>
        <translation>Text</translation>
    </message>
    <message>
        <source>{day}, {time}</source>
        <translation>{day}, {time}</translation>
    </message>
    <message>
        <source>{place} of {count}</source>
        <extracomment>Which match of how many: 3 of 12</extracomment>
        <translation>{place} von {count}</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} Tok/s</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more row(s)</source>
        <translation>
            <numerusform>… und noch %n Zeile</numerusform>
            <numerusform>… und noch %n Zeilen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TitleField</name>
    <message>
        <source>Title of the conversation</source>
        <translation>Titel der Unterhaltung</translation>
    </message>
</context>
<context>
    <name>Transfer</name>
    <message numerus="yes">
        <source>%n conversation(s) came in from the file.</source>
        <translation>
            <numerusform>Eine Unterhaltung wurde aus der Datei übernommen.</numerusform>
            <numerusform>%n Unterhaltungen wurden aus der Datei übernommen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) came in from {source}.</source>
        <translation>
            <numerusform>Eine Unterhaltung wurde aus {source} übernommen.</numerusform>
            <numerusform>%n Unterhaltungen wurden aus {source} übernommen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) or file(s) are not in the export and are shown by their names.</source>
        <translation>
            <numerusform>%n Bild oder Datei fehlt im Export und wird mit Namen gezeigt.</numerusform>
            <numerusform>%n Bilder oder Dateien fehlen im Export und werden mit Namen gezeigt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n that were here got new messages.</source>
        <translation>
            <numerusform>Eine schon vorhandene bekam neue Nachrichten.</numerusform>
            <numerusform>%n schon vorhandene bekamen neue Nachrichten.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were left out.</source>
        <translation>
            <numerusform>%n Inhalt wurde ausgelassen.</numerusform>
            <numerusform>%n Inhalte wurden ausgelassen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <translation>
            <numerusform>Eine war schon hier.</numerusform>
            <numerusform>%n waren schon hier.</numerusform>
        </translation>
    </message>
    <message>
        <source>It was cancelled before its end; what had come in stays.</source>
        <translation>Es wurde vor dem Ende abgebrochen; was schon übernommen war, bleibt.</translation>
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
        <translation>Webseite (HTML)</translation>
    </message>
    <message>
        <source>Weir archive (JSON)</source>
        <translation>Weir-Archiv (JSON)</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more.</source>
        <translation>
            <numerusform>… und %n weitere.</numerusform>
            <numerusform>… und %n weitere.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TransferDoor</name>
    <message numerus="yes">
        <source>%n conversation(s) are back.</source>
        <translation>
            <numerusform>Eine Unterhaltung ist zurück.</numerusform>
            <numerusform>%n Unterhaltungen sind zurück.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) could not be read.</source>
        <translation>
            <numerusform>Eine Unterhaltung konnte nicht gelesen werden.</numerusform>
            <numerusform>%n Unterhaltungen konnten nicht gelesen werden.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) were saved as {name}.</source>
        <translation>
            <numerusform>Eine Unterhaltung wurde als {name} gespeichert.</numerusform>
            <numerusform>%n Unterhaltungen wurden als {name} gespeichert.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) could not be read.</source>
        <translation>
            <numerusform>%n Inhalt konnte nicht gelesen werden.</numerusform>
            <numerusform>%n Inhalte konnten nicht gelesen werden.</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>Zurückholen</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Als Text kopieren</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Export conversations</source>
        <translation>Unterhaltungen exportieren</translation>
    </message>
    <message>
        <source>Exports and archives (*.zip *.json *.weir *.db)</source>
        <translation>Exporte und Archive (*.zip *.json *.weir *.db)</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>Unterhaltungen importieren</translation>
    </message>
    <message>
        <source>The conversation was copied.</source>
        <translation>Die Unterhaltung wurde kopiert.</translation>
    </message>
    <message>
        <source>The conversation was saved as {name}.</source>
        <translation>Die Unterhaltung wurde als {name} gespeichert.</translation>
    </message>
    <message>
        <source>The history was damaged. It was set aside whole as {name}. What the newest good backup has and what can still be read can be brought back.</source>
        <translation>Der Verlauf war beschädigt. Er ist vollständig als {name} beiseitegelegt. Was die neueste gute Sicherung enthält und was noch lesbar ist, lässt sich zurückholen.</translation>
    </message>
    <message>
        <source>Weir conversations</source>
        <translation>Weir-Unterhaltungen</translation>
    </message>
    <message>
        <source>{form}…</source>
        <translation>{form} …</translation>
    </message>
</context>
<context>
    <name>TransferWork</name>
    <message>
        <source>Bringing conversations back</source>
        <translation>Unterhaltungen werden zurückgeholt</translation>
    </message>
    <message>
        <source>Bringing conversations in</source>
        <translation>Unterhaltungen werden übernommen</translation>
    </message>
    <message>
        <source>Saving conversations</source>
        <translation>Unterhaltungen werden gespeichert</translation>
    </message>
    <message>
        <source>The export was cancelled; no file was written.</source>
        <translation>Der Export wurde abgebrochen; es wurde keine Datei geschrieben.</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Kurze Frage</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Show or hide Weir</source>
        <translation>Weir ein- oder ausblenden</translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n Modell</numerusform>
            <numerusform>%n Modelle</numerusform>
        </translation>
    </message>
    <message>
        <source>Asking {host}…</source>
        <translation>{host} wird gefragt …</translation>
    </message>
    <message>
        <source>Connected to {address}</source>
        <translation>Verbunden mit {address}</translation>
    </message>
    <message>
        <source>Connecting to {address}…</source>
        <translation>Verbinden mit {address} …</translation>
    </message>
    <message>
        <source>It says: “{words}”</source>
        <translation>Die Antwort: „{words}“</translation>
    </message>
    <message>
        <source>Looking up {host}…</source>
        <translation>{host} wird nachgeschlagen …</translation>
    </message>
    <message>
        <source>Not encrypted: the address begins with http://</source>
        <translation>Nicht verschlüsselt: Die Adresse beginnt mit http://</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted</source>
        <translation>Sichere Verbindung, dem Zertifikat wird vertraut</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted ({version})</source>
        <extracomment>{version} is the protocol, such as TLS 1.3</extracomment>
        <translation>Sichere Verbindung, dem Zertifikat wird vertraut ({version})</translation>
    </message>
    <message>
        <source>Securing the connection…</source>
        <translation>Verbindung wird gesichert …</translation>
    </message>
    <message>
        <source>The key was accepted</source>
        <translation>Der Schlüssel wurde angenommen</translation>
    </message>
    <message>
        <source>The models are listed without a key too; the first prompt shows whether it is right</source>
        <translation>Die Modelle werden auch ohne Schlüssel aufgelistet; ob er stimmt, zeigt der erste Prompt</translation>
    </message>
    <message>
        <source>The proxy {proxy} lets it through</source>
        <translation>Der Proxy {proxy} lässt die Anfrage durch</translation>
    </message>
    <message>
        <source>Through the proxy {proxy}…</source>
        <translation>Durch den Proxy {proxy} …</translation>
    </message>
    <message>
        <source>Waiting for the answer…</source>
        <translation>Warten auf die Antwort …</translation>
    </message>
    <message>
        <source>{host} is {address}</source>
        <translation>{host} ist {address}</translation>
    </message>
    <message numerus="yes">
        <source>{host} is {address} and %n more</source>
        <extracomment>A name and the addresses it stands for: how many there are besides the one that is named</extracomment>
        <translation>
            <numerusform>{host} ist {address} und %n weitere</numerusform>
            <numerusform>{host} ist {address} und %n weitere</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TuneButton</name>
    <message>
        <source>Options of this conversation</source>
        <translation>Optionen dieser Unterhaltung</translation>
    </message>
    <message numerus="yes">
        <source>Options of this conversation: %n set</source>
        <translation>
            <numerusform>Optionen dieser Unterhaltung: %n gesetzt</numerusform>
            <numerusform>Optionen dieser Unterhaltung: %n gesetzt</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Turn</name>
    <message>
        <source>Reading the prompt</source>
        <translation>Prompt wird gelesen</translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation>Neuer Versuch</translation>
    </message>
    <message>
        <source>Trying again in {seconds} s</source>
        <translation>Neuer Versuch in {seconds} s</translation>
    </message>
</context>
<context>
    <name>UpdatesCard</name>
    <message>
        <source>Asking…</source>
        <extracomment>While the newest version is asked for</extracomment>
        <translation>Abfrage läuft …</translation>
    </message>
    <message>
        <source>Check for updates</source>
        <translation>Nach Updates suchen</translation>
    </message>
    <message>
        <source>Check once a day when Weir starts</source>
        <translation>Einmal am Tag suchen, wenn Weir startet</translation>
    </message>
    <message>
        <source>It was not made from a published release, so it does not know where newer ones would be.</source>
        <translation>Es wurde nicht aus einer Veröffentlichung gebaut und weiß deshalb nicht, wo es neuere gibt.</translation>
    </message>
    <message>
        <source>Nothing is asked until you press the button.</source>
        <translation>Nichts wird abgefragt, bevor Sie den Knopf drücken.</translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation>Seite öffnen</translation>
    </message>
    <message>
        <source>The list of releases can’t be reached. You may be offline; try again when you are not.</source>
        <translation>Die Liste der Veröffentlichungen ist nicht erreichbar. Vielleicht sind Sie offline; versuchen Sie es noch einmal, wenn Sie online sind.</translation>
    </message>
    <message>
        <source>The list of releases does not say what the newest version is. Try again later.</source>
        <translation>Die Liste der Veröffentlichungen nennt die neueste Version nicht. Versuchen Sie es später noch einmal.</translation>
    </message>
    <message>
        <source>There is no newer one.</source>
        <translation>Es gibt keine neuere.</translation>
    </message>
    <message>
        <source>This is Weir {version}.</source>
        <translation>Das ist Weir {version}.</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>Updates</translation>
    </message>
    <message>
        <source>Version {version} is there. Conversations and settings stay as they are.</source>
        <translation>Version {version} ist da. Unterhaltungen und Einstellungen bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>{host} can’t be reached. You may be offline; try again when you are not.</source>
        <translation>{host} ist nicht erreichbar. Vielleicht sind Sie offline; versuchen Sie es noch einmal, wenn Sie online sind.</translation>
    </message>
    <message>
        <source>{host} did not say what the newest version is. Try again later.</source>
        <translation>{host} hat die neueste Version nicht genannt. Versuchen Sie es später noch einmal.</translation>
    </message>
</context>
<context>
    <name>Usage</name>
    <message numerus="yes">
        <source>%n of them in the bin</source>
        <translation>
            <numerusform>%n davon im Papierkorb</numerusform>
            <numerusform>%n davon im Papierkorb</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies came without any counts, for instance from other programs, and are left out.</source>
        <translation>
            <numerusform>Eine Antwort kam ohne Zahlen, zum Beispiel aus einem anderen Programm, und bleibt außer Betracht.</numerusform>
            <numerusform>%n Antworten kamen ohne Zahlen, zum Beispiel aus anderen Programmen, und bleiben außer Betracht.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies have no price</source>
        <translation>
            <numerusform>%n Antwort hat keinen Preis</numerusform>
            <numerusform>%n Antworten haben keinen Preis</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s) were saved as {name}.</source>
        <translation>
            <numerusform>Eine Zeile wurde als {name} gespeichert.</numerusform>
            <numerusform>%n Zeilen wurden als {name} gespeichert.</numerusform>
        </translation>
    </message>
    <message>
        <source>(without a name)</source>
        <translation>(ohne Namen)</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 Tage</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7 Tage</translation>
    </message>
    <message>
        <source>90 days</source>
        <translation>90 Tage</translation>
    </message>
    <message>
        <source>&lt;{amount}</source>
        <extracomment>Less than an amount of money</extracomment>
        <translation>&lt;{amount}</translation>
    </message>
    <message>
        <source>A year</source>
        <translation>Ein Jahr</translation>
    </message>
    <message>
        <source>All</source>
        <extracomment>A period: all the time</extracomment>
        <translation>Alles</translation>
    </message>
    <message>
        <source>All endpoints</source>
        <translation>Alle Endpunkte</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>Alle Modelle</translation>
    </message>
    <message>
        <source>As CSV, with the conversations’ titles…</source>
        <translation>Als CSV, mit den Titeln der Unterhaltungen …</translation>
    </message>
    <message>
        <source>As CSV…</source>
        <translation>Als CSV …</translation>
    </message>
    <message>
        <source>Cached</source>
        <extracomment>Over a column: tokens that came from a cache</extracomment>
        <translation>Cache</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>Diagramme</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>Durch Kommas getrennte Werte (*.csv)</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>Kosten</translation>
    </message>
    <message>
        <source>Counted is what services stated, in US dollars, at list price where they state no cost. What has no price, such as models on this computer, adds nothing to the cost.</source>
        <translation>Gezählt wird, was Dienste angegeben haben, in US-Dollar und zu Listenpreisen, wo sie keine Kosten nennen. Was keinen Preis hat, wie Modelle auf diesem Rechner, trägt nichts zu den Kosten bei.</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <extracomment>Over a column, and a choice in the usage window: which endpoint was asked</extracomment>
        <translation>Endpunkt</translation>
    </message>
    <message>
        <source>Export usage</source>
        <translation>Verbrauch exportieren</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>Erstes Token</translation>
    </message>
    <message>
        <source>In</source>
        <extracomment>Tokens in, over a column</extracomment>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Model</source>
        <extracomment>Over a column, and a choice in the usage window: which model was asked</extracomment>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Models: {names}</source>
        <translation>Modelle: {names}</translation>
    </message>
    <message>
        <source>Nothing in this time</source>
        <translation>Nichts in dieser Zeit</translation>
    </message>
    <message>
        <source>Others</source>
        <extracomment>In a legend: the models that have no colour of their own</extracomment>
        <translation>Andere</translation>
    </message>
    <message>
        <source>Out</source>
        <extracomment>Tokens out, over a column</extracomment>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Überlegungen</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>Antworten</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>The arrow keys go through it; the table has every number.</source>
        <translation>Die Pfeiltasten gehen hindurch; die Tabelle enthält jede Zahl.</translation>
    </message>
    <message>
        <source>Time to first token</source>
        <translation>Zeit bis zum ersten Token</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>Eingabe-Tokens</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>Ausgabe-Tokens</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>Tokens pro Sekunde</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>Verbrauch</translation>
    </message>
    <message>
        <source>Usage as a table</source>
        <translation>Verbrauch als Tabelle</translation>
    </message>
    <message>
        <source>Week from {day}</source>
        <translation>Woche ab {day}</translation>
    </message>
    <message>
        <source>What is in the bin counts, what was deleted for good no longer does. Summaries of long conversations count as replies; titles that the model wrote are not counted.</source>
        <translation>Was im Papierkorb liegt, zählt mit, endgültig Gelöschtes nicht mehr. Zusammenfassungen langer Unterhaltungen zählen als Antworten; vom Modell geschriebene Titel werden nicht gezählt.</translation>
    </message>
    <message>
        <source>When</source>
        <extracomment>Over a column: the day, the week or the month</extracomment>
        <translation>Wann</translation>
    </message>
    <message>
        <source>in and out</source>
        <translation>Ein- und Ausgabe</translation>
    </message>
    <message>
        <source>mean per day</source>
        <translation>Mittel pro Tag</translation>
    </message>
    <message>
        <source>mean per month</source>
        <translation>Mittel pro Monat</translation>
    </message>
    <message>
        <source>mean per week</source>
        <translation>Mittel pro Woche</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>on average</source>
        <translation>im Mittel</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a cost</extracomment>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>{count} for reasoning</source>
        <extracomment>{count} is a number of tokens in short: 3.2k</extracomment>
        <translation>{count} für Überlegungen</translation>
    </message>
    <message>
        <source>{model} {value}</source>
        <extracomment>A model and what was used of it: gpt-5 1,234</extracomment>
        <translation>{model} {value}</translation>
    </message>
    <message>
        <source>{name} per day</source>
        <translation>{name} pro Tag</translation>
    </message>
    <message>
        <source>{name} per month</source>
        <translation>{name} pro Monat</translation>
    </message>
    <message>
        <source>{name} per week</source>
        <translation>{name} pro Woche</translation>
    </message>
    <message numerus="yes">
        <source>{name}, %n step(s) from {first} to {last}. Highest: {title}, {top}.</source>
        <translation>
            <numerusform>{name}, ein Schritt von {first} bis {last}. Höchster Wert: {title}, {top}.</numerusform>
            <numerusform>{name}, %n Schritte von {first} bis {last}. Höchster Wert: {title}, {top}.</numerusform>
        </translation>
    </message>
    <message>
        <source>{name}: nothing in this time.</source>
        <translation>{name}: nichts in dieser Zeit.</translation>
    </message>
    <message>
        <source>{share} of it from a cache</source>
        <translation>{share} davon aus einem Cache</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} Tok/s</translation>
    </message>
</context>
<context>
    <name>Used</name>
    <message>
        <source>Cost</source>
        <translation>Kosten</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>Erstes Token</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>Eingabe-Tokens</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>Ausgabe-Tokens</translation>
    </message>
    <message>
        <source>Whole reply</source>
        <translation>Ganze Antwort</translation>
    </message>
    <message>
        <source>of them for reasoning</source>
        <translation>davon für Überlegungen</translation>
    </message>
    <message>
        <source>of them from a cache</source>
        <translation>davon aus einem Cache</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a figure</extracomment>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>{speed} tokens per second</source>
        <translation>{speed} Tokens pro Sekunde</translation>
    </message>
</context>
<context>
    <name>Vault</name>
    <message>
        <source>The keyring</source>
        <translation>Der Schlüsselbund</translation>
    </message>
    <message>
        <source>The keyring is locked or did not answer. Unlock it, then try again.</source>
        <translation>Der Schlüsselbund ist gesperrt oder hat nicht geantwortet. Entsperren Sie ihn und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The keyring is not set up yet, or its question was dismissed. Open your system's password manager once to set it up, or keep the key for this run only.</source>
        <translation>Der Schlüsselbund ist noch nicht eingerichtet, oder seine Frage wurde weggeklickt. Öffnen Sie einmal die Passwortverwaltung Ihres Systems, um ihn einzurichten, oder behalten Sie den Schlüssel nur für diesen Lauf.</translation>
    </message>
    <message>
        <source>The keyring set up for Python ({name}) can't be used. Correct that setting, or keep the key for this run only.</source>
        <translation>Der für Python eingerichtete Schlüsselbund ({name}) ist nicht zu gebrauchen. Berichtigen Sie diese Einstellung oder behalten Sie den Schlüssel nur für diesen Lauf.</translation>
    </message>
    <message>
        <source>There is no key in this text. Paste the key as the service shows it.</source>
        <translation>In diesem Text ist kein Schlüssel. Fügen Sie den Schlüssel so ein, wie der Dienst ihn zeigt.</translation>
    </message>
    <message>
        <source>There is no keyring on this system to keep the key in. Install one, for instance GNOME Keyring or KWallet, or keep the key for this run only.</source>
        <translation>Auf diesem System gibt es keinen Schlüsselbund, der den Schlüssel aufbewahren könnte. Installieren Sie einen, zum Beispiel GNOME Keyring oder KWallet, oder behalten Sie den Schlüssel nur für diesen Lauf.</translation>
    </message>
    <message>
        <source>This key is longer than {name} can keep. Check that only the key was pasted.</source>
        <translation>Dieser Schlüssel ist länger, als {name} aufbewahren kann. Prüfen Sie, ob nur der Schlüssel eingefügt wurde.</translation>
    </message>
    <message>
        <source>Weir is closing; the keyring is not asked any more.</source>
        <translation>Weir wird beendet; der Schlüsselbund wird nicht mehr gefragt.</translation>
    </message>
    <message>
        <source>{name} did not delete the key. Unlock it and try again, or delete it in your password manager.</source>
        <translation>{name} hat den Schlüssel nicht gelöscht. Entsperren und noch einmal versuchen, oder in der Passwortverwaltung löschen.</translation>
    </message>
    <message>
        <source>{name} did not give the key. Unlock it and try again, or enter the key for this run only.</source>
        <translation>{name} hat den Schlüssel nicht herausgegeben. Entsperren und noch einmal versuchen, oder den Schlüssel nur für diesen Lauf eingeben.</translation>
    </message>
    <message>
        <source>{name} did not take the key. Unlock it and try again, or keep the key for this run only.</source>
        <translation>{name} hat den Schlüssel nicht angenommen. Entsperren und noch einmal versuchen, oder den Schlüssel nur für diesen Lauf behalten.</translation>
    </message>
    <message>
        <source>{name} took the key but did not give it back, so it may not be stored. Try again, or keep the key for this run only.</source>
        <translation>{name} hat den Schlüssel angenommen, aber nicht wieder herausgegeben; er ist also womöglich nicht gespeichert. Versuchen Sie es noch einmal oder behalten Sie den Schlüssel nur für diesen Lauf.</translation>
    </message>
</context>
<context>
    <name>Windows</name>
    <message>
        <source>Close the window</source>
        <translation>Fenster schließen</translation>
    </message>
    <message>
        <source>New window</source>
        <translation>Neues Fenster</translation>
    </message>
    <message>
        <source>Open in a window of its own</source>
        <translation>In eigenem Fenster öffnen</translation>
    </message>
    <message>
        <source>Open in new window</source>
        <translation>In neuem Fenster öffnen</translation>
    </message>
    <message>
        <source>new window detach</source>
        <translation>neues Fenster ablösen</translation>
    </message>
</context>
<context>
    <name>Wishes</name>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Read the conversations in “{name}” into your history? What is there stays as it is.</source>
        <translation>Die Unterhaltungen in „{name}“ in Ihren Verlauf einlesen? Was dort ist, bleibt, wie es ist.</translation>
    </message>
    <message>
        <source>Weir can't open “{name}”. It opens models (.gguf) and archives (.zip, .json, .weir, .db).</source>
        <translation>Weir kann „{name}“ nicht öffnen. Es öffnet Modelle (.gguf) und Archive (.zip, .json, .weir, .db).</translation>
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
        <translation>d. MMM</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <extracomment>How a day is written, by Qt's QDate: d is the day, MMM the short name of the month, yyyy the year</extracomment>
        <translation>d. MMM yyyy</translation>
    </message>
    <message>
        <source>ddd d MMM yyyy</source>
        <extracomment>How a day is written, by Qt's QDate: ddd is the short name of the day of the week</extracomment>
        <translation>ddd d. MMM yyyy</translation>
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
        <translation>{name}: {value}</translation>
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
        <translation>{number} Mrd.</translation>
    </message>
    <message>
        <source>{number}M</source>
        <comment>millions</comment>
        <translation>{number} Mio.</translation>
    </message>
    <message>
        <source>{number}k</source>
        <comment>thousands</comment>
        <translation>{number} Tsd.</translation>
    </message>
    <message>
        <source>{number} %</source>
        <extracomment>A share in percent, such as 42 %</extracomment>
        <translation>{number} %</translation>
    </message>
</context>
<context>
    <name>WorkRow</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel: {work}</source>
        <translation>Abbrechen: {work}</translation>
    </message>
    <message>
        <source>{work} – is being ended</source>
        <translation>{work} – wird beendet</translation>
    </message>
</context>
<context>
    <name>WorkStrip</name>
    <message>
        <source>What takes long</source>
        <translation>Was länger dauert</translation>
    </message>
</context>
<context>
    <name>Works</name>
    <message>
        <source>Making today’s copy of the history</source>
        <translation>Heutige Kopie des Verlaufs wird angelegt</translation>
    </message>
    <message>
        <source>Opening and checking the history</source>
        <translation>Verlauf wird geöffnet und geprüft</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>noch einige Sekunden</translation>
    </message>
    <message numerus="yes">
        <source>about %n h left</source>
        <translation>
            <numerusform>noch etwa eine Stunde</numerusform>
            <numerusform>noch etwa %n Stunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n min left</source>
        <translation>
            <numerusform>noch etwa %n min</numerusform>
            <numerusform>noch etwa %n min</numerusform>
        </translation>
    </message>
    <message>
        <source>about a minute left</source>
        <translation>noch etwa eine Minute</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>noch weniger als eine Minute</translation>
    </message>
</context>
<context>
    <name>Writing</name>
    <message>
        <source>Attach files</source>
        <translation>Dateien anhängen</translation>
    </message>
</context>
<context>
    <name>_Model</name>
    <message>
        <source>no keys</source>
        <translation>keine Tasten</translation>
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
