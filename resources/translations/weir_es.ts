<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>Keys are kept in this computer’s keyring.</source>
        <translation>Las claves se guardan en el llavero de este equipo.</translation>
    </message>
    <message>
        <source>Keys are kept in {keyring}, under the name “weir”. They are in no file of Weir’s and in no log.</source>
        <translation>Las claves se guardan en {keyring}, con el nombre «weir». No están en ningún archivo de Weir ni en ningún registro.</translation>
    </message>
    <message>
        <source>SmolLM2 135M Instruct, the demo model</source>
        <translation>SmolLM2 135M Instruct, el modelo de demostración</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use, so keys are not stored. A key you enter is kept in memory and forgotten when Weir ends; one in an environment variable is used from there.</source>
        <translation>Este equipo no tiene ningún llavero que Weir pueda usar, así que las claves no se almacenan. Una clave que se introduzca queda en memoria y se olvida al cerrar Weir; la que esté en una variable de entorno se toma de ahí.</translation>
    </message>
    <message>
        <source>the prices of genai-prices</source>
        <translation>los precios de genai-prices</translation>
    </message>
    <message>
        <source>ziamath, ziafont, latex2mathml, with the font STIX Two Math</source>
        <translation>ziamath, ziafont y latex2mathml, con el tipo de letra STIX Two Math</translation>
    </message>
</context>
<context>
    <name>AboutPage</name>
    <message>
        <source>About</source>
        <translation>Acerca de</translation>
    </message>
    <message>
        <source>Conversations are in a database on this computer. What you send goes to the endpoint you chose and to nobody else. Weir has no account and no statistics, and asks nobody for updates unless you say so.</source>
        <translation>Las conversaciones están en una base de datos de este equipo. Lo que envías va al punto de conexión que elegiste y a nadie más. Weir no tiene cuentas ni estadísticas, y no pregunta a nadie por actualizaciones si no lo pides.</translation>
    </message>
    <message>
        <source>Made of</source>
        <extracomment>Over a list of what Weir is made of, and the licences</extracomment>
        <translation>Componentes</translation>
    </message>
    <message>
        <source>Weir itself is under the MIT License.</source>
        <translation>Weir se distribuye con la licencia MIT.</translation>
    </message>
    <message>
        <source>Your data</source>
        <translation>Tus datos</translation>
    </message>
    <message>
        <source>Your keys</source>
        <translation>Tus claves</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Archive the conversation</source>
        <translation>Archivar la conversación</translation>
    </message>
    <message>
        <source>Attach files…</source>
        <translation>Adjuntar archivos…</translation>
    </message>
    <message>
        <source>Cancel what takes long</source>
        <translation>Cancelar lo que tarda</translation>
    </message>
    <message>
        <source>Change the last prompt</source>
        <translation>Cambiar el último prompt</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>Elegir un modelo…</translation>
    </message>
    <message>
        <source>Colours like the system</source>
        <translation>Colores del sistema</translation>
    </message>
    <message>
        <source>Compare models…</source>
        <translation>Comparar modelos…</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Conversación</translation>
    </message>
    <message>
        <source>Dark colours</source>
        <translation>Colores oscuros</translation>
    </message>
    <message>
        <source>Delete the conversation</source>
        <translation>Eliminar la conversación</translation>
    </message>
    <message>
        <source>Delete the message that has the keyboard</source>
        <translation>Eliminar el mensaje que tiene el foco del teclado</translation>
    </message>
    <message>
        <source>Delete what is chosen in the list</source>
        <translation>Eliminar lo seleccionado en la lista</translation>
    </message>
    <message>
        <source>Do or open anything…</source>
        <translation>Hacer o abrir cualquier cosa…</translation>
    </message>
    <message>
        <source>Do what the newest notice offers, such as Undo</source>
        <translation>Hacer lo que ofrece el último aviso, como Deshacer</translation>
    </message>
    <message>
        <source>Find in the conversation…</source>
        <translation>Buscar en la conversación…</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Contraste alto</translation>
    </message>
    <message>
        <source>Its next version</source>
        <translation>Su versión siguiente</translation>
    </message>
    <message>
        <source>Its version before</source>
        <translation>Su versión anterior</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Atajos de teclado</translation>
    </message>
    <message>
        <source>Keyboard to the next part of the window</source>
        <translation>Foco a la parte siguiente de la ventana</translation>
    </message>
    <message>
        <source>Keyboard to the part before</source>
        <translation>Foco a la parte anterior</translation>
    </message>
    <message>
        <source>Larger text and controls</source>
        <translation>Texto y controles más grandes</translation>
    </message>
    <message>
        <source>Light colours</source>
        <translation>Colores claros</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>Conversación siguiente</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Coincidencia siguiente</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>Tamaño normal</translation>
    </message>
    <message>
        <source>Open conversation {number}</source>
        <translation>Abrir la conversación {number}</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>Opciones de esta conversación</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>Fijar</translation>
    </message>
    <message>
        <source>Pin the conversation</source>
        <translation>Fijar la conversación</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>Conversación anterior</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>Coincidencia anterior</translation>
    </message>
    <message>
        <source>Program</source>
        <extracomment>A group of actions: those about Weir itself</extracomment>
        <translation>Programa</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Salir</translation>
    </message>
    <message>
        <source>Reading</source>
        <extracomment>A group of actions: those about reading a conversation</extracomment>
        <translation>Lectura</translation>
    </message>
    <message>
        <source>Rename in the list</source>
        <translation>Renombrar en la lista</translation>
    </message>
    <message>
        <source>Rename the conversation…</source>
        <translation>Renombrar la conversación…</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>Respuestas</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>Buscar en todo</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>Settings: About</source>
        <translation>Ajustes: Acerca de</translation>
    </message>
    <message>
        <source>Settings: Appearance</source>
        <translation>Ajustes: Aspecto</translation>
    </message>
    <message>
        <source>Settings: Data</source>
        <translation>Ajustes: Datos</translation>
    </message>
    <message>
        <source>Settings: Endpoints</source>
        <translation>Ajustes: Puntos de conexión</translation>
    </message>
    <message>
        <source>Settings: Keyboard</source>
        <translation>Ajustes: Teclado</translation>
    </message>
    <message>
        <source>Settings: Network</source>
        <translation>Ajustes: Red</translation>
    </message>
    <message>
        <source>Settings: On this computer</source>
        <translation>Ajustes: En este equipo</translation>
    </message>
    <message>
        <source>Settings: Personas</source>
        <translation>Ajustes: Personajes</translation>
    </message>
    <message>
        <source>Settings: Prompts</source>
        <translation>Ajustes: Prompts</translation>
    </message>
    <message>
        <source>Shelf</source>
        <extracomment>A group of actions: those about the list of conversations</extracomment>
        <translation>Barra lateral</translation>
    </message>
    <message>
        <source>Show or hide the folders</source>
        <translation>Mostrar u ocultar las carpetas</translation>
    </message>
    <message>
        <source>Show or hide the shelf</source>
        <translation>Mostrar u ocultar la barra lateral</translation>
    </message>
    <message>
        <source>Show or leave the archive</source>
        <translation>Mostrar o dejar las archivadas</translation>
    </message>
    <message>
        <source>Show or leave the bin</source>
        <translation>Mostrar o dejar la papelera</translation>
    </message>
    <message>
        <source>Show the last replies side by side</source>
        <translation>Mostrar las últimas respuestas en paralelo</translation>
    </message>
    <message>
        <source>Smaller text and controls</source>
        <translation>Texto y controles más pequeños</translation>
    </message>
    <message>
        <source>Stop the reply</source>
        <translation>Detener la respuesta</translation>
    </message>
    <message>
        <source>Try the last reply again</source>
        <translation>Reintentar la última respuesta</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>Desfijar</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>Uso</translation>
    </message>
    <message>
        <source>View</source>
        <extracomment>A group of actions: how the window looks</extracomment>
        <translation>Vista</translation>
    </message>
    <message>
        <source>Write a prompt</source>
        <translation>Escribir un prompt</translation>
    </message>
    <message>
        <source>Writing</source>
        <extracomment>A group of actions: those about writing a prompt</extracomment>
        <translation>Escritura</translation>
    </message>
    <message>
        <source>colours theme motion titles</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>colores tema movimiento animación títulos</translation>
    </message>
    <message>
        <source>compare</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>comparar</translation>
    </message>
    <message>
        <source>conversation bin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>conversación papelera borrar</translation>
    </message>
    <message>
        <source>cost tokens statistics</source>
        <translation>coste tokens estadísticas</translation>
    </message>
    <message>
        <source>exit</source>
        <translation>cerrar terminar</translation>
    </message>
    <message>
        <source>help keys</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>ayuda teclas</translation>
    </message>
    <message>
        <source>import export backup archive</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>importar exportar copia de seguridad archivo</translation>
    </message>
    <message>
        <source>import export stop</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>importar exportar detener</translation>
    </message>
    <message>
        <source>local model GGUF</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>modelo local GGUF</translation>
    </message>
    <message>
        <source>preferences</source>
        <translation>preferencias configuración</translation>
    </message>
    <message>
        <source>prompt</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>prompt pregunta</translation>
    </message>
    <message>
        <source>proxy certificates timeout</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>proxy certificados tiempo de espera</translation>
    </message>
    <message>
        <source>regenerate</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>regenerar</translation>
    </message>
    <message>
        <source>services keys API</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>servicios claves API</translation>
    </message>
    <message>
        <source>shortcuts keys</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>atajos teclas</translation>
    </message>
    <message>
        <source>side by side several</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>lado a lado varios</translation>
    </message>
    <message>
        <source>sidebar</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>panel lista estante</translation>
    </message>
    <message>
        <source>system prompt assistant role</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>prompt de sistema asistente rol</translation>
    </message>
    <message>
        <source>system prompt temperature reasoning</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>prompt de sistema temperatura razonamiento</translation>
    </message>
    <message>
        <source>templates snippets library slash</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>plantillas fragmentos biblioteca barra</translation>
    </message>
    <message>
        <source>theme appearance</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>tema aspecto apariencia</translation>
    </message>
    <message>
        <source>title</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>título</translation>
    </message>
    <message>
        <source>unpin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>dejar de fijar</translation>
    </message>
    <message>
        <source>version updates licences where files</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>versión actualizaciones licencias dónde archivos</translation>
    </message>
    <message>
        <source>zoom</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>ampliar reducir zoom</translation>
    </message>
</context>
<context>
    <name>AppearancePage</name>
    <message>
        <source>Appearance</source>
        <translation>Aspecto</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Colores</translation>
    </message>
    <message>
        <source>Dark</source>
        <comment>colours</comment>
        <translation>Oscuros</translation>
    </message>
    <message>
        <source>Glide</source>
        <extracomment>A choice under Motion: what is shown glides to its place</extracomment>
        <translation>Deslizar</translation>
    </message>
    <message>
        <source>Have a screen reader say the answer while it comes</source>
        <translation>Hacer que un lector de pantalla diga la respuesta mientras llega</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Contraste alto</translation>
    </message>
    <message>
        <source>Keep the start of the answer at the top</source>
        <translation>Mantener arriba el comienzo de la respuesta</translation>
    </message>
    <message>
        <source>Let the model write them</source>
        <translation>Dejar que los escriba el modelo</translation>
    </message>
    <message>
        <source>Light</source>
        <comment>colours</comment>
        <translation>Claros</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Como el sistema</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>Movimiento</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>Tamaño normal</translation>
    </message>
    <message>
        <source>Reduced: jump at once</source>
        <translation>Reducido: saltar de inmediato</translation>
    </message>
    <message>
        <source>Size of text and controls</source>
        <translation>Tamaño del texto y los controles</translation>
    </message>
    <message>
        <source>The first question and its answer are then sent once more to the service that answered, which costs a few tokens. Without this the title is taken from the question.</source>
        <translation>La primera pregunta y su respuesta se envían entonces una vez más al servicio que respondió, lo que cuesta unos pocos tokens. Sin esto, el título se toma de la pregunta.</translation>
    </message>
    <message>
        <source>There are keys for this, too; Keyboard lists them.</source>
        <translation>También hay teclas para ello; están en la página Teclado.</translation>
    </message>
    <message>
        <source>Titles of conversations</source>
        <translation>Títulos de las conversaciones</translation>
    </message>
    <message>
        <source>While a reply comes</source>
        <translation>Mientras llega una respuesta</translation>
    </message>
    <message>
        <source>Without this the end is followed until you scroll up.</source>
        <translation>Sin esto se sigue el final hasta que te desplaces hacia arriba.</translation>
    </message>
</context>
<context>
    <name>Archive</name>
    <message>
        <source>A conversation</source>
        <translation>Una conversación</translation>
    </message>
    <message>
        <source>A file</source>
        <translation>Un archivo</translation>
    </message>
    <message>
        <source>A file in the zip is damaged. Download the export again.</source>
        <translation>Un archivo del zip está dañado. Vuelve a descargar la exportación.</translation>
    </message>
    <message>
        <source>Call of {name}</source>
        <translation>Llamada a {name}</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Conversación</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Conversaciones</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fallida</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>Archivo sin nombre</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>Instrucciones</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>Interrumpida</translation>
    </message>
    <message>
        <source>It has something in it that can’t be read.</source>
        <translation>Contiene algo que no se puede leer.</translation>
    </message>
    <message>
        <source>It has too many messages.</source>
        <translation>Tiene demasiados mensajes.</translation>
    </message>
    <message>
        <source>It is a link, not a file.</source>
        <translation>Es un enlace, no un archivo.</translation>
    </message>
    <message>
        <source>It is encrypted.</source>
        <translation>Está cifrado.</translation>
    </message>
    <message>
        <source>It is nested too deeply.</source>
        <translation>Tiene demasiados niveles anidados.</translation>
    </message>
    <message>
        <source>It is no conversation of a program that Weir knows.</source>
        <translation>No es una conversación de ningún programa que Weir conozca.</translation>
    </message>
    <message>
        <source>It is no conversation.</source>
        <translation>No es una conversación.</translation>
    </message>
    <message>
        <source>It is not whole.</source>
        <translation>No está completo.</translation>
    </message>
    <message>
        <source>It is packed in a way that no export uses.</source>
        <translation>Está comprimido de una forma que ninguna exportación usa.</translation>
    </message>
    <message>
        <source>It is too large.</source>
        <translation>Es demasiado grande.</translation>
    </message>
    <message>
        <source>It was written by a newer version of Weir. Install that version to read it.</source>
        <translation>Lo escribió una versión más nueva de Weir. Instala esa versión para leerlo.</translation>
    </message>
    <message>
        <source>It would grow too large when it is unpacked.</source>
        <translation>Sería demasiado grande al descomprimirlo.</translation>
    </message>
    <message>
        <source>Its name leads out of the archive.</source>
        <translation>Su nombre lleva fuera del archivo comprimido.</translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation>Texto pegado</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Imagen</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Respuesta</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Detenida</translation>
    </message>
    <message>
        <source>The archive is too large to be an export.</source>
        <translation>El archivo comprimido es demasiado grande para ser una exportación.</translation>
    </message>
    <message>
        <source>The file could not be read or written: {reason}.</source>
        <translation>No se pudo leer o escribir el archivo: {reason}.</translation>
    </message>
    <message>
        <source>The file has a text in it that is too large to be one of a conversation.</source>
        <translation>El archivo contiene un texto demasiado grande para ser de una conversación.</translation>
    </message>
    <message>
        <source>The file has something in it that is not JSON.</source>
        <translation>El archivo contiene algo que no es JSON.</translation>
    </message>
    <message>
        <source>The file holds no conversations.</source>
        <translation>El archivo no contiene conversaciones.</translation>
    </message>
    <message>
        <source>The file in the archive is damaged.</source>
        <translation>El archivo incluido está dañado.</translation>
    </message>
    <message>
        <source>The file is not a whole zip file. Download it again.</source>
        <translation>El archivo no es un zip completo. Vuelve a descargarlo.</translation>
    </message>
    <message>
        <source>The file is not whole, or it is not JSON.</source>
        <translation>El archivo no está completo o no es JSON.</translation>
    </message>
    <message>
        <source>The file is too large to come along.</source>
        <translation>El archivo es demasiado grande para incluirlo.</translation>
    </message>
    <message>
        <source>The folder has too many files to be an export.</source>
        <translation>La carpeta tiene demasiados archivos para ser una exportación.</translation>
    </message>
    <message>
        <source>The zip file claims more than it holds. It was not read.</source>
        <translation>El archivo zip declara más de lo que contiene. No se ha leído.</translation>
    </message>
    <message>
        <source>The zip file has too many files to be an export.</source>
        <translation>El archivo zip tiene demasiados archivos para ser una exportación.</translation>
    </message>
    <message>
        <source>There are no conversations in this file that Weir knows. It reads the exports of ChatGPT, Claude, Open WebUI and LibreChat, and its own.</source>
        <translation>En este archivo no hay conversaciones que Weir conozca. Weir lee las exportaciones de ChatGPT, Claude, Open WebUI y LibreChat, y las suyas propias.</translation>
    </message>
    <message>
        <source>There is another file of the same name.</source>
        <translation>Hay otro archivo con el mismo nombre.</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>No existe ese archivo.</translation>
    </message>
    <message>
        <source>There is nothing here that makes PDF files.</source>
        <translation>Aquí no hay nada que cree archivos PDF.</translation>
    </message>
    <message>
        <source>There is nothing in it.</source>
        <translation>No contiene nada.</translation>
    </message>
    <message>
        <source>There was nothing that could be exported.</source>
        <translation>No había nada que se pudiera exportar.</translation>
    </message>
    <message>
        <source>This can’t be written as pages.</source>
        <translation>Esto no se puede escribir en páginas.</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>Esta conversación ya no existe.</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>Razonamiento</translation>
    </message>
    <message>
        <source>Weir made a mistake with this file. The log has the details.</source>
        <translation>Weir cometió un error con este archivo. Los detalles están en el registro del programa.</translation>
    </message>
    <message>
        <source>What {tool} said</source>
        <translation>Lo que devolvió {tool}</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Tú</translation>
    </message>
    <message>
        <source>a tool</source>
        <translation>una herramienta</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>desconocido</translation>
    </message>
    <message>
        <source>{ending}: {failure}</source>
        <translation>{ending}: {failure}</translation>
    </message>
    <message>
        <source>{name} (too large to come along)</source>
        <translation>{name} (demasiado grande para incluirlo)</translation>
    </message>
    <message>
        <source>{why} Nothing came in.</source>
        <translation>{why} No se ha importado nada.</translation>
    </message>
</context>
<context>
    <name>Arrivals</name>
    <message>
        <source>a new reply</source>
        <translation>una respuesta nueva</translation>
    </message>
    <message>
        <source>a reply is coming</source>
        <translation>está llegando una respuesta</translation>
    </message>
    <message>
        <source>the reply failed</source>
        <translation>la respuesta falló</translation>
    </message>
</context>
<context>
    <name>Attachment</name>
    <message>
        <source>it can't be read</source>
        <translation>no se puede leer</translation>
    </message>
    <message>
        <source>“{name}” could not be read: {reason}.</source>
        <translation>No se pudo leer «{name}»: {reason}.</translation>
    </message>
    <message>
        <source>“{name}” is a document that Weir can't read. Save it as PDF or as text first.</source>
        <translation>«{name}» es un documento que Weir no puede leer. Guárdalo antes como PDF o como texto.</translation>
    </message>
    <message>
        <source>“{name}” is a folder. Attach the files in it.</source>
        <translation>«{name}» es una carpeta. Adjunta los archivos que contiene.</translation>
    </message>
    <message>
        <source>“{name}” is damaged: it can't be read as a PDF.</source>
        <translation>«{name}» está dañado: no se puede leer como PDF.</translation>
    </message>
    <message>
        <source>“{name}” is empty.</source>
        <translation>«{name}» está vacío.</translation>
    </message>
    <message>
        <source>“{name}” is locked with a password. Save a copy without one.</source>
        <translation>«{name}» está protegido con contraseña. Guarda una copia sin ella.</translation>
    </message>
    <message>
        <source>“{name}” is neither text, a PDF nor an image that Weir can send.</source>
        <translation>«{name}» no es texto, ni un PDF, ni una imagen que Weir pueda enviar.</translation>
    </message>
    <message>
        <source>“{name}” is no ordinary file.</source>
        <translation>«{name}» no es un archivo normal.</translation>
    </message>
    <message numerus="yes">
        <source>“{name}” is too large to send ({size}). Files may have {most}, and texts %n letter(s).</source>
        <translation>
            <numerusform>«{name}» es demasiado grande para enviarlo ({size}). Los archivos pueden tener {most}, y los textos %n carácter.</numerusform>
            <numerusform>«{name}» es demasiado grande para enviarlo ({size}). Los archivos pueden tener {most}, y los textos %n caracteres.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message numerus="yes">
        <source>A prompt takes %n attachment(s) at most.</source>
        <translation>
            <numerusform>Un prompt admite un adjunto como máximo.</numerusform>
            <numerusform>Un prompt admite %n adjuntos como máximo.</numerusform>
        </translation>
    </message>
    <message>
        <source>“{name}” could not be read.</source>
        <translation>No se pudo leer «{name}».</translation>
    </message>
</context>
<context>
    <name>BuiltIn</name>
    <message>
        <source>Answer an e-mail</source>
        <translation>Responder un correo</translation>
    </message>
    <message>
        <source>Brief</source>
        <translation>Breve</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>Editor</translation>
    </message>
    <message>
        <source>Explain simply</source>
        <translation>Explicar con sencillez</translation>
    </message>
    <message>
        <source>Programmer</source>
        <translation>Programador</translation>
    </message>
    <message>
        <source>Proofread</source>
        <translation>Corregir</translation>
    </message>
    <message>
        <source>Review code</source>
        <translation>Revisar código</translation>
    </message>
    <message>
        <source>Summarise</source>
        <translation>Resumir</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>Traducir</translation>
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
        <translation>Abrir</translation>
    </message>
</context>
<context>
    <name>CertificateField</name>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>Certificados (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Elegir…</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>Archivo de certificados</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Preview</source>
        <extracomment>What stands beside the name of a file, for those who do not see it</extracomment>
        <translation>Vista previa</translation>
    </message>
    <message>
        <source>Put the pasted text into the prompt</source>
        <translation>Poner el texto pegado en el prompt</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Leyendo…</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>Quitar {name}</translation>
    </message>
    <message>
        <source>Show</source>
        <comment>in the prompt</comment>
        <extracomment>On a button: put the pasted text into the prompt</extracomment>
        <translation>Insertar</translation>
    </message>
    <message>
        <source>{name}, being read</source>
        <translation>{name}, leyéndose</translation>
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
        <translation>Adjuntos</translation>
    </message>
</context>
<context>
    <name>CodeFile</name>
    <message>
        <source>Save code</source>
        <translation>Guardar código</translation>
    </message>
    <message>
        <source>The file could not be written: {reason}.</source>
        <translation>No se pudo escribir el archivo: {reason}.</translation>
    </message>
</context>
<context>
    <name>Column</name>
    <message>
        <source>Continue with the reply of {model}</source>
        <translation>Continuar con la respuesta de {model}</translation>
    </message>
    <message>
        <source>Continue with this reply</source>
        <translation>Continuar con esta respuesta</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>Cifras de la respuesta</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Respuesta</translation>
    </message>
    <message>
        <source>Reply of {model}</source>
        <translation>Respuesta de {model}</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Detener</translation>
    </message>
    <message>
        <source>Stop {model}</source>
        <translation>Detener {model}</translation>
    </message>
    <message>
        <source>{model} ({number})</source>
        <extracomment>A model that is there more than once, and which of them it is</extracomment>
        <translation>{model} ({number})</translation>
    </message>
    <message>
        <source>{model}: reply ended</source>
        <translation>{model}: respuesta terminada</translation>
    </message>
    <message>
        <source>{model}: reply finished</source>
        <translation>{model}: respuesta completada</translation>
    </message>
</context>
<context>
    <name>Companion</name>
    <message>
        <source>Answers this prompt alone</source>
        <translation>Responde solo a este prompt</translation>
    </message>
    <message>
        <source>Enter takes it, Esc leaves the text</source>
        <translation>Intro lo inserta, Esc deja el texto</translation>
    </message>
    <message>
        <source>Manage…</source>
        <translation>Gestionar…</translation>
    </message>
    <message>
        <source>Not filled in yet: {names}. Send once more to send it as it is.</source>
        <translation>Sin rellenar todavía: {names}. Envía otra vez para enviarlo tal cual.</translation>
    </message>
    <message>
        <source>Tab leads to the next place to fill in</source>
        <translation>Tab lleva al siguiente hueco por rellenar</translation>
    </message>
    <message>
        <source>“{name}”</source>
        <extracomment>A name in quotation marks</extracomment>
        <translation>«{name}»</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Back to the conversation</source>
        <translation>Volver a la conversación</translation>
    </message>
    <message>
        <source>Replies side by side</source>
        <translation>Respuestas en paralelo</translation>
    </message>
</context>
<context>
    <name>ComposeDoor</name>
    <message>
        <source>/ for your prompts, @ for another model this once</source>
        <translation>/ para tus prompts, @ para otro modelo solo esta vez</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Ask anything</source>
        <translation>Pregunta lo que quieras</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>Adjuntar archivos</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter breaks the line</source>
        <translation>Intro envía, Mayús+Intro cambia de línea</translation>
    </message>
    <message>
        <source>Esc stops all replies</source>
        <translation>Esc detiene todas las respuestas</translation>
    </message>
    <message>
        <source>Esc stops the reply</source>
        <translation>Esc detiene la respuesta</translation>
    </message>
    <message>
        <source>Pasted image.png</source>
        <translation>Imagen pegada.png</translation>
    </message>
    <message>
        <source>Pasted text.txt</source>
        <translation>Texto pegado.txt</translation>
    </message>
    <message>
        <source>Reading the attachments…</source>
        <translation>Leyendo los adjuntos…</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>Enviar</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Detener</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translation>Detener todas</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Deteniendo…</translation>
    </message>
    <message>
        <source>This waits here until the replies have ended.</source>
        <translation>Esto espera aquí hasta que terminen las respuestas.</translation>
    </message>
    <message>
        <source>This waits here until the reply has ended.</source>
        <translation>Esto espera aquí hasta que termine la respuesta.</translation>
    </message>
    <message>
        <source>Your earlier prompt. What was said after it stays, as another branch.</source>
        <translation>Tu prompt anterior. Lo que se dijo después se conserva como otra rama.</translation>
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
            <numerusform>%n palabra hasta ahora. Después va tu prompt.</numerusform>
            <numerusform>%n palabras hasta ahora. Después va tu prompt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n token(s). How many the model can read at once is unknown.</source>
        <translation>
            <numerusform>Aproximadamente %n token. No se sabe cuántos puede leer el modelo a la vez.</numerusform>
            <numerusform>Unos %n tokens. No se sabe cuántos puede leer el modelo a la vez.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s).</source>
        <translation>
            <numerusform>Unos {taken} de %n token.</numerusform>
            <numerusform>Unos {taken} de %n tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s): that leaves too little room for a reply.</source>
        <translation>
            <numerusform>Unos {taken} de %n token: queda demasiado poco espacio para una respuesta.</numerusform>
            <numerusform>Unos {taken} de %n tokens: queda demasiado poco espacio para una respuesta.</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask me</source>
        <translation>Preguntarme</translation>
    </message>
    <message>
        <source>Change…</source>
        <extracomment>On a button: change what happens to long conversations</extracomment>
        <translation>Cambiar…</translation>
    </message>
    <message>
        <source>Context window</source>
        <translation>Ventana de contexto</translation>
    </message>
    <message>
        <source>Context window, in tokens</source>
        <translation>Ventana de contexto, en tokens</translation>
    </message>
    <message numerus="yes">
        <source>It fits without the %n oldest message(s), up to “{last}”.</source>
        <translation>
            <numerusform>Cabe sin el mensaje más antiguo, «{last}».</numerusform>
            <numerusform>Cabe sin los %n mensajes más antiguos, hasta «{last}».</numerusform>
        </translation>
    </message>
    <message>
        <source>Leave out the oldest</source>
        <translation>Omitir los más antiguos</translation>
    </message>
    <message>
        <source>Leave them out</source>
        <translation>Omitirlos</translation>
    </message>
    <message>
        <source>Nothing is left to leave out. Shorten what you write.</source>
        <translation>Ya no queda nada que omitir. Acorta lo que escribes.</translation>
    </message>
    <message>
        <source>Nothing is sent until it is shorter.</source>
        <translation>No se envía nada hasta que sea más corto.</translation>
    </message>
    <message>
        <source>Send everything</source>
        <translation>Enviar todo</translation>
    </message>
    <message>
        <source>Send nothing</source>
        <translation>No enviar nada</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Detener</translation>
    </message>
    <message>
        <source>Summarise the oldest</source>
        <translation>Resumir los más antiguos</translation>
    </message>
    <message>
        <source>Summarise them</source>
        <extracomment>On a button: summarise the oldest messages</extracomment>
        <translation>Resumirlos</translation>
    </message>
    <message>
        <source>The limit is from the list that comes with Weir.</source>
        <translation>El límite procede de la lista incluida en Weir.</translation>
    </message>
    <message>
        <source>The limit is the one that the model is started with here.</source>
        <translation>El límite es aquel con el que aquí se inicia el modelo.</translation>
    </message>
    <message>
        <source>The limit is the service’s own.</source>
        <translation>El límite es el del propio servicio.</translation>
    </message>
    <message>
        <source>The limit was set by hand.</source>
        <translation>El límite se fijó a mano.</translation>
    </message>
    <message numerus="yes">
        <source>The service refused this as too long: about %n token(s).</source>
        <translation>
            <numerusform>El servicio lo rechazó por ser demasiado largo: aproximadamente %n token.</numerusform>
            <numerusform>El servicio lo rechazó por ser demasiado largo: unos %n tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This does not fit any more: about {taken} of %n token(s).</source>
        <translation>
            <numerusform>Esto ya no cabe: unos {taken} de %n token.</numerusform>
            <numerusform>Esto ya no cabe: unos {taken} de %n tokens.</numerusform>
        </translation>
    </message>
    <message>
        <source>Until then it is as it was.</source>
        <translation>Hasta entonces queda como estaba.</translation>
    </message>
    <message>
        <source>What the service says</source>
        <translation>Lo que dice el servicio</translation>
    </message>
    <message>
        <source>When it does not fit</source>
        <translation>Cuando no cabe</translation>
    </message>
    <message numerus="yes">
        <source>When you send, the %n oldest message(s), up to “{last}”, will no longer go with it.</source>
        <translation>
            <numerusform>Al enviar, el mensaje más antiguo, «{last}», dejará de incluirse.</numerusform>
            <numerusform>Al enviar, los %n mensajes más antiguos, hasta «{last}», dejarán de incluirse.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>When you send, the model first writes a summary of the %n oldest message(s), up to “{last}”: one more request.</source>
        <translation>
            <numerusform>Al enviar, el modelo escribe primero un resumen del mensaje más antiguo, «{last}»: una solicitud más.</numerusform>
            <numerusform>Al enviar, el modelo escribe primero un resumen de los %n mensajes más antiguos, hasta «{last}»: una solicitud más.</numerusform>
        </translation>
    </message>
    <message>
        <source>Your prompt follows.</source>
        <translation>Después va tu prompt.</translation>
    </message>
    <message numerus="yes">
        <source>{model} summarises %n message(s)…</source>
        <translation>
            <numerusform>{model} resume %n mensaje…</numerusform>
            <numerusform>{model} resume %n mensajes…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConversationPage</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n modelo</numerusform>
            <numerusform>%n modelos</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>Pregunta lo que quieras</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
    <message>
        <source>Reply to {model}…</source>
        <translation>Responder a {model}…</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>Responder…</translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message>
        <source>A damaged history</source>
        <translation>Un historial dañado</translation>
    </message>
    <message>
        <source>All conversations, without keys. The Weir archive keeps everything and can be read again; the other forms show the branch that is on screen, one file for each conversation in a zip.</source>
        <translation>Todas las conversaciones, sin claves. El archivo de Weir lo conserva todo y se puede volver a leer; los demás formatos muestran la rama que está en pantalla, con un archivo por conversación dentro de un zip.</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>Recuperar</translation>
    </message>
    <message>
        <source>Bring conversations in</source>
        <translation>Importar conversaciones</translation>
    </message>
    <message>
        <source>Bringing conversations back… {share}</source>
        <translation>Recuperando conversaciones… {share}</translation>
    </message>
    <message>
        <source>Bringing conversations in… {share}</source>
        <translation>Importando conversaciones… {share}</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Datos</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>Exportar todo…</translation>
    </message>
    <message>
        <source>Form of the export</source>
        <translation>Formato de la exportación</translation>
    </message>
    <message>
        <source>From the export of ChatGPT, Claude, Open WebUI or LibreChat, from a Weir archive, or from one of Weir’s backups. Branches, pictures and files come along where the export has them. What is here already is not changed, and bringing the same file in again adds nothing.</source>
        <translation>De la exportación de ChatGPT, Claude, Open WebUI o LibreChat, de un archivo de Weir o de una de las copias de seguridad de Weir. Las ramas, las imágenes y los archivos se incluyen si la exportación los tiene. Lo que ya está aquí no cambia, y volver a importar el mismo archivo no añade nada.</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importar…</translation>
    </message>
    <message>
        <source>Saving conversations… {share}</source>
        <translation>Guardando conversaciones… {share}</translation>
    </message>
    <message>
        <source>Take conversations out</source>
        <translation>Exportar conversaciones</translation>
    </message>
    <message>
        <source>The history was damaged. It is set aside whole as {name}. What the newest good backup has, and what can still be read of the damaged file, can be brought back.</source>
        <translation>El historial estaba dañado. Se ha apartado entero como {name}. Se puede recuperar lo que tiene la copia de seguridad válida más reciente y lo que aún se pueda leer del archivo dañado.</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Choose a model first.</source>
        <translation>Elige antes un modelo.</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>Esta conversación ya no existe.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>Tus puntos de conexión se están leyendo todavía. Vuelve a enviar en un momento.</translation>
    </message>
</context>
<context>
    <name>DesktopPage</name>
    <message>
        <source>Command for a quick question</source>
        <translation>Orden para una pregunta rápida</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Desktop</source>
        <translation>Escritorio</translation>
    </message>
    <message>
        <source>For replies that took longer than five seconds and came, or failed, while another program was in front. The notification names the conversation and the model; a click opens it.</source>
        <translation>Para respuestas que tardaron más de cinco segundos y llegaron, o fallaron, mientras otro programa estaba delante. La notificación indica la conversación y el modelo; un clic la abre.</translation>
    </message>
    <message>
        <source>Icon in the notification area</source>
        <translation>Icono en el área de notificación</translation>
    </message>
    <message>
        <source>It may then be read on a locked screen.</source>
        <translation>Podría leerse entonces en una pantalla bloqueada.</translation>
    </message>
    <message>
        <source>Its menu leads to the window, a quick question and a new conversation, and ends Weir.</source>
        <translation>Su menú lleva a la ventana, a una pregunta rápida y a una conversación nueva, y cierra Weir.</translation>
    </message>
    <message>
        <source>Keep Weir running when its window is closed</source>
        <translation>Mantener Weir en marcha al cerrar su ventana</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>Model for quick questions</source>
        <translation>Modelo para preguntas rápidas</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Notificaciones</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>Personaje</translation>
    </message>
    <message>
        <source>Persona for quick questions</source>
        <translation>Personaje para preguntas rápidas</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Pregunta rápida</translation>
    </message>
    <message>
        <source>Show an icon of Weir</source>
        <translation>Mostrar un icono de Weir</translation>
    </message>
    <message>
        <source>Show the beginning of the reply in it</source>
        <translation>Mostrar en ella el comienzo de la respuesta</translation>
    </message>
    <message>
        <source>Tell me when a long reply is there</source>
        <translation>Avisarme cuando llegue una respuesta larga</translation>
    </message>
    <message>
        <source>The one used last</source>
        <translation>El último que se usó</translation>
    </message>
    <message>
        <source>There is no place for such icons at the moment.</source>
        <translation>De momento no hay lugar para esos iconos.</translation>
    </message>
    <message>
        <source>This command opens a small window for one question. Give it a key in your desktop’s keyboard settings; Weir itself hears no keys while another program is in front.</source>
        <translation>Esta orden abre una ventana pequeña para una sola pregunta. Asígnale una tecla en los ajustes de teclado del escritorio; Weir no recibe teclas mientras otro programa está delante.</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment, and closing the window ends Weir as usual.</source>
        <translation>De momento este escritorio no muestra esos iconos, y cerrar la ventana cierra Weir como siempre.</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment; some need an extension for them.</source>
        <translation>De momento este escritorio no muestra esos iconos; algunos necesitan una extensión.</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Answer</source>
        <extracomment>A page of the stream’s window: the HTTP answer’s head</extracomment>
        <translation>Respuesta</translation>
    </message>
    <message>
        <source>Findings</source>
        <extracomment>A page of the stream’s window: what is remarkable about the stream</extracomment>
        <translation>Hallazgos</translation>
    </message>
    <message>
        <source>Record</source>
        <extracomment>A page of the stream’s window: one record of the stream</extracomment>
        <translation>Registro</translation>
    </message>
    <message>
        <source>Request</source>
        <extracomment>A page of the stream’s window: the HTTP request that was sent</extracomment>
        <translation>Solicitud</translation>
    </message>
    <message>
        <source>The answer’s head</source>
        <translation>La cabecera de la respuesta</translation>
    </message>
    <message>
        <source>The request</source>
        <translation>La solicitud</translation>
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
            <numerusform>Responde un modelo.</numerusform>
            <numerusform>%n modelos responden en paralelo.</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a model above, then ask.</source>
        <translation>Elige un modelo arriba y pregunta.</translation>
    </message>
    <message>
        <source>The demo model answers here, offline. It is small, and often wrong.</source>
        <translation>Aquí responde el modelo de demostración, sin conexión. Es pequeño y se equivoca a menudo.</translation>
    </message>
    <message>
        <source>What do you want to know?</source>
        <translation>¿Qué quieres saber?</translation>
    </message>
    <message>
        <source>{model} answers on this computer.</source>
        <translation>{model} responde en este equipo.</translation>
    </message>
    <message>
        <source>{model} at {endpoint} answers.</source>
        <translation>Responde {model} en {endpoint}.</translation>
    </message>
</context>
<context>
    <name>Ending</name>
    <message>
        <source>The length limit was reached before there was any text</source>
        <translation>Se alcanzó el límite de longitud antes de que hubiera texto</translation>
    </message>
    <message>
        <source>The model asked for a tool; Weir has none to offer</source>
        <translation>El modelo pidió una herramienta; Weir no ofrece ninguna</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>El modelo se negó a responder</translation>
    </message>
    <message>
        <source>The reply reached its length limit</source>
        <translation>La respuesta alcanzó su límite de longitud</translation>
    </message>
    <message>
        <source>The service ended the reply for a reason of its own</source>
        <translation>El servicio terminó la respuesta por un motivo propio</translation>
    </message>
    <message>
        <source>The service paused the reply</source>
        <translation>El servicio puso la respuesta en pausa</translation>
    </message>
    <message>
        <source>The service’s content filter ended the reply</source>
        <translation>El filtro de contenido del servicio terminó la respuesta</translation>
    </message>
</context>
<context>
    <name>EndpointEditor</name>
    <message>
        <source>A JSON object that goes with every request.</source>
        <translation>Un objeto JSON que acompaña a cada solicitud.</translation>
    </message>
    <message>
        <source>A JSON object, sent as it is, with {{prompt}}, {{messages}}, {{system}}, {{model}} or {{conversation}} where they belong. Left empty, a form that most services take is sent.</source>
        <translation>Un objeto JSON que se envía tal cual, con {{prompt}}, {{messages}}, {{system}}, {{model}} o {{conversation}} donde correspondan. Si se deja vacío, se envía una forma que la mayoría de los servicios admite.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Dirección</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>Cuerpo</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Extra body</source>
        <translation>Cuerpo adicional</translation>
    </message>
    <message>
        <source>Extra body, as JSON</source>
        <translation>Cuerpo adicional, en JSON</translation>
    </message>
    <message>
        <source>Goes into the keyring. Leave it empty where none is needed.</source>
        <translation>Se guarda en el llavero. Déjalo vacío si no hace falta.</translation>
    </message>
    <message>
        <source>Goes into {keyring}. Leave it empty where none is needed.</source>
        <translation>Se guarda en {keyring}. Déjalo vacío si no hace falta.</translation>
    </message>
    <message>
        <source>Headers</source>
        <translation>Cabeceras</translation>
    </message>
    <message>
        <source>Headers, one a line</source>
        <translation>Cabeceras, una por línea</translation>
    </message>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>Clave</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>Models, one a line</source>
        <translation>Modelos, uno por línea</translation>
    </message>
    <message>
        <source>Most servers speak OpenAI Chat Completions.</source>
        <translation>La mayoría de los servidores habla OpenAI Chat Completions.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>New endpoint</source>
        <translation>Nuevo punto de conexión</translation>
    </message>
    <message>
        <source>One a line, for services that do not list theirs.</source>
        <translation>Uno por línea, para servicios que no dan la lista de los suyos.</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Pega una clave</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>Protocolo</translation>
    </message>
    <message>
        <source>Remove</source>
        <extracomment>On a button: remove the key</extracomment>
        <translation>Quitar</translation>
    </message>
    <message>
        <source>Remove endpoint</source>
        <translation>Quitar punto de conexión</translation>
    </message>
    <message>
        <source>Replace</source>
        <extracomment>On a button: enter another key</extracomment>
        <translation>Reemplazar</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Guardar</translation>
    </message>
    <message>
        <source>Sent with every request, and kept in a readable file. Write {key} where the key belongs, or {secret} as the whole value for a key of its own.</source>
        <translation>Se envían con cada solicitud y se guardan en un archivo legible. Escribe {key} donde va la clave, o {secret} como valor completo para una clave propia.</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the endpoint works</extracomment>
        <translation>Probar</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use: a key is kept in memory for this run only.</source>
        <translation>Este equipo no tiene ningún llavero que Weir pueda usar: las claves quedan en memoria solo durante esta ejecución.</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>Esta clave contiene caracteres que ninguna clave tiene.</translation>
    </message>
</context>
<context>
    <name>EndpointList</name>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add an endpoint</extracomment>
        <translation>Añadir…</translation>
    </message>
    <message>
        <source>An endpoint is a service or a server that Weir can ask, with its address and its key.</source>
        <translation>Un punto de conexión es un servicio o un servidor al que Weir puede preguntar, con su dirección y su clave.</translation>
    </message>
    <message>
        <source>Another server or your own</source>
        <translation>Otro servidor o uno propio</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Editar</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>Editar {name}</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>Puntos de conexión</translation>
    </message>
    <message>
        <source>Service to add</source>
        <translation>Servicio que añadir</translation>
    </message>
    <message>
        <source>started by Weir, no address needed</source>
        <translation>lo inicia Weir, sin dirección</translation>
    </message>
</context>
<context>
    <name>EndpointText</name>
    <message>
        <source>In a JSON pointer, write “~0” for “~” and “~1” for a “/” in a name.</source>
        <translation>En un puntero JSON, escribe «~0» en lugar de «~» y «~1» en lugar de una «/» dentro de un nombre.</translation>
    </message>
    <message>
        <source>Leave name and password out of the address; the key has its own field.</source>
        <translation>No pongas nombre ni contraseña en la dirección; la clave tiene su propio campo.</translation>
    </message>
    <message>
        <source>Leave out what follows “?” or “#” in the address.</source>
        <translation>Quita de la dirección lo que sigue a «?» o «#».</translation>
    </message>
    <message>
        <source>Leave out “/chat/completions”: the address ends before it, usually in /v1.</source>
        <translation>Quita «/chat/completions»: la dirección termina antes, normalmente en /v1.</translation>
    </message>
    <message>
        <source>Line {number} of the headers has to look like “Name: value”.</source>
        <translation>La línea {number} de las cabeceras debe tener la forma «Nombre: valor».</translation>
    </message>
    <message>
        <source>The address has to look like https://example.com/v1.</source>
        <translation>La dirección debe tener la forma https://example.com/v1.</translation>
    </message>
    <message>
        <source>The extra body has to be a JSON object, in braces: { … }.</source>
        <translation>El cuerpo adicional debe ser un objeto JSON, entre llaves: { … }.</translation>
    </message>
    <message>
        <source>The extra body is nested too deeply.</source>
        <translation>El cuerpo adicional tiene demasiados niveles anidados.</translation>
    </message>
    <message>
        <source>The extra body is not JSON: line {line}, column {column}: {reason}.</source>
        <translation>El cuerpo adicional no es JSON: línea {line}, columna {column}: {reason}.</translation>
    </message>
    <message>
        <source>The value in line {number} of the headers may hold plain ASCII letters only.</source>
        <translation>El valor de la línea {number} de las cabeceras solo puede contener caracteres ASCII simples.</translation>
    </message>
    <message>
        <source>Where the text is has to look like /data/text, or be empty.</source>
        <translation>El lugar del texto («Dónde está el texto») debe tener la forma /data/text, o quedar vacío.</translation>
    </message>
    <message>
        <source>Without https, what you send and the key can be read on the way.</source>
        <translation>Sin https, lo que envías y la clave se pueden leer por el camino.</translation>
    </message>
    <message>
        <source>a colon is missing</source>
        <translation>faltan dos puntos</translation>
    </message>
    <message>
        <source>a comma is missing</source>
        <translation>falta una coma</translation>
    </message>
    <message>
        <source>a name in double quotes is missing, or a comma is too many</source>
        <translation>falta un nombre entre comillas dobles, o sobra una coma</translation>
    </message>
    <message>
        <source>a text holds a line break or a tab</source>
        <translation>un texto contiene un salto de línea o un tabulador</translation>
    </message>
    <message>
        <source>a text is not closed by a quote</source>
        <translation>un texto no se cierra con comillas</translation>
    </message>
    <message>
        <source>a value is missing</source>
        <translation>falta un valor</translation>
    </message>
    <message>
        <source>there is a comma too many</source>
        <translation>sobra una coma</translation>
    </message>
    <message>
        <source>there is something after the end</source>
        <translation>hay algo después del final</translation>
    </message>
    <message>
        <source>“{name}” is set by Weir itself; leave it out.</source>
        <translation>«{name}» lo pone Weir; quítalo.</translation>
    </message>
    <message>
        <source>“{name}” would put the key into a readable file. Write “{{key}}” in its place and use the key’s own field.</source>
        <translation>«{name}» pondría la clave en un archivo legible. Escribe «{{key}}» en su lugar y usa el campo propio de la clave.</translation>
    </message>
</context>
<context>
    <name>Endpoints</name>
    <message>
        <source>No key needed</source>
        <translation>No necesita clave</translation>
    </message>
    <message>
        <source>No key yet</source>
        <translation>Sin clave todavía</translation>
    </message>
    <message>
        <source>the keyring</source>
        <translation>el llavero</translation>
    </message>
    <message>
        <source>{key}, for this run only</source>
        <translation>{key}, solo para esta ejecución</translation>
    </message>
    <message>
        <source>{key}, from {variable}, for this run</source>
        <translation>{key}, de {variable}, para esta ejecución</translation>
    </message>
    <message>
        <source>{key}, in {keyring}</source>
        <translation>{key}, en {keyring}</translation>
    </message>
</context>
<context>
    <name>Failure</name>
    <message>
        <source>A file of this kind can't be sent to {model}. Remove it, or choose another model above.</source>
        <translation>No se puede enviar un archivo de este tipo a {model}. Quítalo o elige otro modelo arriba.</translation>
    </message>
    <message>
        <source>Images can't be sent to {model}. Remove them, or choose another model above.</source>
        <translation>No se pueden enviar imágenes a {model}. Quítalas o elige otro modelo arriba.</translation>
    </message>
    <message>
        <source>No answer from {host} in time. Check your connection, then try again.</source>
        <translation>{host} no respondió a tiempo. Comprueba la conexión y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>No secure connection to {host}: its certificate was not accepted. If your company uses its own certificates, name their file under Settings, Network.</source>
        <translation>No hay conexión segura con {host}: no se aceptó su certificado. Si tu empresa usa certificados propios, indica su archivo en Ajustes, Red.</translation>
    </message>
    <message>
        <source>Nothing answers chats at {address}. Check the endpoint's address; it usually ends in /v1.</source>
        <translation>Nada responde a chats en {address}. Comprueba la dirección del punto de conexión; suele terminar en /v1.</translation>
    </message>
    <message>
        <source>Nothing is listening at {address}. Is the server running?</source>
        <translation>Nada escucha en {address}. ¿Está en marcha el servidor?</translation>
    </message>
    <message>
        <source>Only one image at a time can be sent to {model}. Remove the others, or choose another model above.</source>
        <translation>Solo se puede enviar una imagen a la vez a {model}. Quita las demás o elige otro modelo arriba.</translation>
    </message>
    <message>
        <source>The connection to {endpoint} ended before the reply did. What had arrived is kept.</source>
        <translation>La conexión con {endpoint} terminó antes que la respuesta. Se conserva lo que había llegado.</translation>
    </message>
    <message>
        <source>The conversation could not be saved. The text stays on screen; make room on the disk or check the folder's permissions.</source>
        <translation>No se pudo guardar la conversación. El texto sigue en pantalla; libera espacio en el disco o comprueba los permisos de la carpeta.</translation>
    </message>
    <message>
        <source>The conversation is longer than {model} can read. Start a new one, or choose a model with a larger context.</source>
        <translation>La conversación es más larga de lo que {model} puede leer. Empieza una nueva o elige un modelo con un contexto mayor.</translation>
    </message>
    <message>
        <source>The endpoint of this conversation is no longer set up. Choose a model above.</source>
        <translation>El punto de conexión de esta conversación ya no está configurado. Elige un modelo arriba.</translation>
    </message>
    <message>
        <source>The model on this computer could not be used.</source>
        <translation>No se pudo usar el modelo de este equipo.</translation>
    </message>
    <message>
        <source>The name {host} was not found. Check the address and your connection.</source>
        <translation>No se encontró el nombre {host}. Comprueba la dirección y la conexión.</translation>
    </message>
    <message>
        <source>The proxy did not let the request to {host} through. Check it under Settings, Network.</source>
        <translation>El proxy no dejó pasar la solicitud a {host}. Compruébalo en Ajustes, Red.</translation>
    </message>
    <message>
        <source>The service</source>
        <translation>El servicio</translation>
    </message>
    <message>
        <source>There is a web page at {address} instead of a reply. Check the endpoint's address, or sign in to the network first.</source>
        <translation>En {address} hay una página web en lugar de una respuesta. Comprueba la dirección del punto de conexión o inicia antes sesión en la red.</translation>
    </message>
    <message>
        <source>Weir made a mistake. What had arrived is kept; the log has the details.</source>
        <translation>Weir cometió un error. Se conserva lo que había llegado; los detalles están en el registro del programa.</translation>
    </message>
    <message>
        <source>Your account at {endpoint} has no credit left. Add credit there, then try again.</source>
        <translation>A tu cuenta de {endpoint} no le queda saldo. Añade saldo allí y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>the address</source>
        <translation>la dirección</translation>
    </message>
    <message>
        <source>the model</source>
        <translation>el modelo</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>el servidor</translation>
    </message>
    <message>
        <source>{endpoint} asks you to slow down.</source>
        <translation>{endpoint} pide ir más despacio.</translation>
    </message>
    <message>
        <source>{endpoint} could not use the request.</source>
        <translation>{endpoint} no pudo usar la solicitud.</translation>
    </message>
    <message>
        <source>{endpoint} did not accept the key. Replace it under Settings, Endpoints, then try again.</source>
        <translation>{endpoint} no aceptó la clave. Reemplázala en Ajustes, Puntos de conexión, y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>{endpoint} does not allow this with your key. Check with the service what the key may be used for.</source>
        <translation>{endpoint} no permite esto con tu clave. Consulta con el servicio para qué se puede usar la clave.</translation>
    </message>
    <message>
        <source>{endpoint} had a fault of its own. Try again in a moment.</source>
        <translation>{endpoint} tuvo un fallo propio. Vuelve a intentarlo en un momento.</translation>
    </message>
    <message>
        <source>{endpoint} has no model named “{model}”. Choose another model above.</source>
        <translation>{endpoint} no tiene ningún modelo llamado «{model}». Elige otro modelo arriba.</translation>
    </message>
    <message>
        <source>{endpoint} is overloaded right now. Try again in a moment.</source>
        <translation>{endpoint} está sobrecargado ahora mismo. Vuelve a intentarlo en un momento.</translation>
    </message>
    <message>
        <source>{endpoint} needs a key. Add one under Settings, Endpoints, then try again.</source>
        <translation>{endpoint} necesita una clave. Añádela en Ajustes, Puntos de conexión, y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>{endpoint} reported a problem.</source>
        <translation>{endpoint} informó de un problema.</translation>
    </message>
    <message>
        <source>{endpoint} sent an empty reply. Try again, or choose another model.</source>
        <translation>{endpoint} envió una respuesta vacía. Vuelve a intentarlo o elige otro modelo.</translation>
    </message>
    <message>
        <source>{endpoint} sent something that is not part of a reply. What had arrived is kept.</source>
        <translation>{endpoint} envió algo que no forma parte de una respuesta. Se conserva lo que había llegado.</translation>
    </message>
    <message>
        <source>{endpoint} went silent. What had arrived is kept.</source>
        <translation>{endpoint} dejó de responder. Se conserva lo que había llegado.</translation>
    </message>
    <message>
        <source>“{address}” is not a web address. It has to look like https://example.com/v1.</source>
        <translation>«{address}» no es una dirección web. Debe tener la forma https://example.com/v1.</translation>
    </message>
</context>
<context>
    <name>FilterMenu</name>
    <message>
        <source>Date</source>
        <translation>Fecha</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
    <message>
        <source>Has code</source>
        <translation>Con código</translation>
    </message>
    <message>
        <source>Last year</source>
        <translation>El año pasado</translation>
    </message>
    <message>
        <source>Me</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>Yo</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Etiqueta</translation>
    </message>
    <message>
        <source>The last seven days</source>
        <translation>Los últimos siete días</translation>
    </message>
    <message>
        <source>The last thirty days</source>
        <translation>Los últimos treinta días</translation>
    </message>
    <message>
        <source>The model</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>El modelo</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>Este año</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Hoy</translation>
    </message>
    <message>
        <source>Written by</source>
        <translation>Escrito por</translation>
    </message>
</context>
<context>
    <name>FindingCard</name>
    <message>
        <source>Show record {number}</source>
        <translation>Mostrar el registro {number}</translation>
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
        <translation>Hallazgos</translation>
    </message>
    <message>
        <source>Nothing to say about it yet.</source>
        <translation>Nada que decir todavía.</translation>
    </message>
</context>
<context>
    <name>Finds</name>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
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
        <translation>Un servidor de modelos en este equipo</translation>
    </message>
    <message>
        <source>Another endpoint…</source>
        <translation>Otro punto de conexión…</translation>
    </message>
    <message>
        <source>Another server or your own endpoint…</source>
        <translation>Otro servidor o un punto de conexión propio…</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>Elegir un archivo GGUF…</translation>
    </message>
    <message>
        <source>Demo model, offline</source>
        <translation>Modelo de demostración, sin conexión</translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}</source>
        <translation>
            <numerusform>Encontrado, %n modelo: {names}</numerusform>
            <numerusform>Encontrado, %n modelos: {names}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}, …</source>
        <extracomment>The names are the first few of the models</extracomment>
        <translation>
            <numerusform>Encontrado, %n modelo: {names}, …</numerusform>
            <numerusform>Encontrado, %n modelos: {names}, …</numerusform>
        </translation>
    </message>
    <message>
        <source>Found, but it has no model yet.</source>
        <translation>Encontrado, pero aún no tiene ningún modelo.</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Buscar otra vez</translation>
    </message>
    <message>
        <source>Looking for Ollama, LM Studio and llama.cpp…</source>
        <translation>Buscando Ollama, LM Studio y llama.cpp…</translation>
    </message>
    <message>
        <source>None is running. Ollama, LM Studio and llama.cpp are found by themselves.</source>
        <translation>No hay ninguno en marcha. Ollama, LM Studio y llama.cpp se encuentran solos.</translation>
    </message>
    <message>
        <source>Runs here at once, no key: try it, or just type. Small, and often wrong.</source>
        <translation>Funciona aquí al instante y sin clave: pruébalo o simplemente escribe. Es pequeño y se equivoca a menudo.</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Probarlo</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Usarlo</translation>
    </message>
    <message>
        <source>Where should answers come from?</source>
        <translation>¿De dónde deben venir las respuestas?</translation>
    </message>
    <message>
        <source>You can change this at any time. Nothing leaves this computer until you send a message.</source>
        <translation>Se puede cambiar en cualquier momento. Nada sale de este equipo hasta que envías un mensaje.</translation>
    </message>
    <message>
        <source>{name} on this computer</source>
        <translation>{name} en este equipo</translation>
    </message>
</context>
<context>
    <name>FolderPanel</name>
    <message>
        <source>All conversations</source>
        <translation>Todas las conversaciones</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>Archivadas</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>Nombre de la carpeta</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Nueva carpeta</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Nueva carpeta…</translation>
    </message>
    <message>
        <source>Rename folder</source>
        <translation>Renombrar carpeta</translation>
    </message>
</context>
<context>
    <name>Following</name>
    <message>
        <source>Connecting</source>
        <translation>Conectando</translation>
    </message>
    <message>
        <source>Waiting for the first words</source>
        <translation>Esperando las primeras palabras</translation>
    </message>
</context>
<context>
    <name>Formula</name>
    <message>
        <source>and so on</source>
        <translation>etcétera</translation>
    </message>
    <message>
        <source>bar</source>
        <translation>barra</translation>
    </message>
    <message>
        <source>close parenthesis</source>
        <translation>cierra paréntesis</translation>
    </message>
    <message>
        <source>divided by</source>
        <translation>dividido entre</translation>
    </message>
    <message>
        <source>equals</source>
        <translation>igual a</translation>
    </message>
    <message>
        <source>factorial</source>
        <translation>factorial</translation>
    </message>
    <message>
        <source>for all</source>
        <translation>para todo</translation>
    </message>
    <message>
        <source>fraction {said} end of fraction</source>
        <translation>fracción {said} fin de fracción</translation>
    </message>
    <message>
        <source>goes to</source>
        <translation>tiende a</translation>
    </message>
    <message>
        <source>implies</source>
        <translation>implica</translation>
    </message>
    <message>
        <source>in</source>
        <translation>pertenece a</translation>
    </message>
    <message>
        <source>infinity</source>
        <translation>infinito</translation>
    </message>
    <message>
        <source>integral</source>
        <translation>integral</translation>
    </message>
    <message>
        <source>is about</source>
        <translation>casi igual a</translation>
    </message>
    <message>
        <source>is at least</source>
        <translation>mayor o igual que</translation>
    </message>
    <message>
        <source>is at most</source>
        <translation>menor o igual que</translation>
    </message>
    <message>
        <source>is greater than</source>
        <translation>mayor que</translation>
    </message>
    <message>
        <source>is less than</source>
        <translation>menor que</translation>
    </message>
    <message>
        <source>is not equal to</source>
        <translation>distinto de</translation>
    </message>
    <message>
        <source>minus</source>
        <translation>menos</translation>
    </message>
    <message>
        <source>nabla</source>
        <translation>nabla</translation>
    </message>
    <message>
        <source>open parenthesis</source>
        <translation>abre paréntesis</translation>
    </message>
    <message>
        <source>partial</source>
        <translation>derivada parcial</translation>
    </message>
    <message>
        <source>plus</source>
        <translation>más</translation>
    </message>
    <message>
        <source>plus or minus</source>
        <translation>más menos</translation>
    </message>
    <message>
        <source>prime</source>
        <translation>prima</translation>
    </message>
    <message>
        <source>product</source>
        <translation>producto</translation>
    </message>
    <message>
        <source>root of order {index} of {inner}</source>
        <translation>raíz de orden {index} de {inner}</translation>
    </message>
    <message>
        <source>square root of {inner}</source>
        <translation>raíz cuadrada de {inner}</translation>
    </message>
    <message>
        <source>sum</source>
        <translation>suma</translation>
    </message>
    <message numerus="yes">
        <source>table with %n row(s)</source>
        <translation>
            <numerusform>tabla de %n fila</numerusform>
            <numerusform>tabla de %n filas</numerusform>
        </translation>
    </message>
    <message>
        <source>there is</source>
        <translation>existe</translation>
    </message>
    <message>
        <source>times</source>
        <translation>por</translation>
    </message>
    <message>
        <source>{base} cubed</source>
        <translation>{base} al cubo</translation>
    </message>
    <message>
        <source>{base} from {low} to {high} of</source>
        <translation>{base} desde {low} hasta {high} de</translation>
    </message>
    <message>
        <source>{base} squared</source>
        <translation>{base} al cuadrado</translation>
    </message>
    <message>
        <source>{base} sub {index}</source>
        <translation>{base} sub {index}</translation>
    </message>
    <message>
        <source>{base} sub {index} to the power of {power}</source>
        <translation>{base} sub {index} elevado a {power}</translation>
    </message>
    <message>
        <source>{base} to the power of {power}</source>
        <translation>{base} elevado a {power}</translation>
    </message>
    <message>
        <source>{base} under {low}</source>
        <translation>{base} con {low} debajo</translation>
    </message>
    <message>
        <source>{base} with {high} above</source>
        <translation>{base} con {high} encima</translation>
    </message>
    <message>
        <source>{said} end of root</source>
        <translation>{said} fin de raíz</translation>
    </message>
    <message>
        <source>{top} over {bottom}</source>
        <translation>{top} sobre {bottom}</translation>
    </message>
</context>
<context>
    <name>FoundHead</name>
    <message>
        <source>Filter</source>
        <extracomment>Name of a button that narrows a search</extracomment>
        <translation>Filtrar</translation>
    </message>
</context>
<context>
    <name>GapPlot</name>
    <message>
        <source>Gaps between records over time</source>
        <translation>Pausas entre registros a lo largo del tiempo</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>Nada todavía</translation>
    </message>
    <message>
        <source>The longest is {gap}, before record {number}</source>
        <translation>La más larga es de {gap}, antes del registro {number}</translation>
    </message>
    <message>
        <source>gap before each record, over time</source>
        <translation>pausa antes de cada registro, a lo largo del tiempo</translation>
    </message>
    <message>
        <source>{gap} before record {number}</source>
        <translation>{gap} antes del registro {number}</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Compare models</source>
        <translation>Comparar modelos</translation>
    </message>
    <message>
        <source>More</source>
        <extracomment>On a button: more actions</extracomment>
        <translation>Más</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
    <message>
        <source>Show the shelf</source>
        <translation>Mostrar la barra lateral</translation>
    </message>
</context>
<context>
    <name>HeaderKeys</name>
    <message>
        <source>Key for {header}</source>
        <translation>Clave para {header}</translation>
    </message>
    <message>
        <source>Leave it empty to keep the key</source>
        <translation>Dejar vacío para conservar la clave</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Pega una clave</translation>
    </message>
</context>
<context>
    <name>HitDelegate</name>
    <message>
        <source>You: {text}</source>
        <translation>Tú: {text}</translation>
    </message>
</context>
<context>
    <name>HitView</name>
    <message>
        <source>Found</source>
        <extracomment>Name of the list of what a search found</extracomment>
        <translation>Resultados</translation>
    </message>
</context>
<context>
    <name>Inspection</name>
    <message numerus="yes">
        <source>%n end mark(s)</source>
        <translation>
            <numerusform>%n marca de fin</numerusform>
            <numerusform>%n marcas de fin</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n keep-alive comment(s)</source>
        <translation>
            <numerusform>%n comentario de mantenimiento</numerusform>
            <numerusform>%n comentarios de mantenimiento</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s), the first {numbers}</source>
        <translation>
            <numerusform>%n registro, {numbers}</numerusform>
            <numerusform>%n registros, los primeros {numbers}</numerusform>
        </translation>
    </message>
    <message>
        <source>A NUL is no text: look for a buffer that is sent whole, or for UTF-16.</source>
        <translation>Un NUL no es texto: busca un búfer que se envíe entero, o UTF-16.</translation>
    </message>
    <message>
        <source>A blank line.</source>
        <translation>Una línea en blanco.</translation>
    </message>
    <message>
        <source>A byte order mark at the beginning</source>
        <translation>Una marca de orden de bytes al principio</translation>
    </message>
    <message>
        <source>A byte order mark in {records}</source>
        <translation>Una marca de orden de bytes en {records}</translation>
    </message>
    <message>
        <source>A comment: it keeps the connection open and says nothing.</source>
        <translation>Un comentario: mantiene abierta la conexión y no dice nada.</translation>
    </message>
    <message>
        <source>A length is known only when everything is: the reply was collected before it was sent.</source>
        <translation>Una longitud solo se conoce cuando se conoce todo: la respuesta se reunió antes de enviarse.</translation>
    </message>
    <message>
        <source>A long prompt, a model being loaded or a queue; or the beginning was held back by a buffer.</source>
        <translation>Un prompt largo, un modelo que se está cargando o una cola; o bien un búfer retuvo el comienzo.</translation>
    </message>
    <message>
        <source>A replay of “{name}”, as fast as it can be read.</source>
        <translation>Una reproducción de «{name}», tan rápido como se puede leer.</translation>
    </message>
    <message>
        <source>A replay of “{name}”, at the pace of the recording.</source>
        <translation>Una reproducción de «{name}», al ritmo de la grabación.</translation>
    </message>
    <message>
        <source>A reply ends once. Clients may stop at the first and miss what follows.</source>
        <translation>Una respuesta termina una sola vez. Los clientes pueden parar en la primera y perderse lo que sigue.</translation>
    </message>
    <message>
        <source>A silence of {time} before record {number}</source>
        <translation>Un silencio de {time} antes del registro {number}</translation>
    </message>
    <message>
        <source>After the end came {records}</source>
        <translation>Después del final: {records}</translation>
    </message>
    <message>
        <source>All are allowed, but a mix is often a sign of parts written by different hands.</source>
        <translation>Todos están permitidos, pero una mezcla suele indicar partes escritas por manos distintas.</translation>
    </message>
    <message>
        <source>An empty answer</source>
        <translation>Una respuesta vacía</translation>
    </message>
    <message>
        <source>An error inside a {status} answer</source>
        <translation>Un error dentro de una respuesta {status}</translation>
    </message>
    <message>
        <source>An error: {words}</source>
        <translation>Un error: {words}</translation>
    </message>
    <message>
        <source>An event stream that is labelled {kind}</source>
        <translation>Un flujo de eventos etiquetado como {kind}</translation>
    </message>
    <message>
        <source>An id that was there before: {records}</source>
        <translation>Un id que ya se había usado: {records}</translation>
    </message>
    <message>
        <source>An “id:” is for one event: clients that resume would go on at the wrong place.</source>
        <translation>Un «id:» vale para un solo evento: los clientes que reanudan seguirían en el lugar equivocado.</translation>
    </message>
    <message>
        <source>Before nginx send “X-Accel-Buffering: no”; flush after each event in your own server.</source>
        <translation>Delante de nginx, envía «X-Accel-Buffering: no»; en tu propio servidor, vacía el búfer después de cada evento.</translation>
    </message>
    <message numerus="yes">
        <source>Buffered: {records} records came in %n burst(s)</source>
        <translation>
            <numerusform>En búfer: {records} registros llegaron en %n ráfaga</numerusform>
            <numerusform>En búfer: {records} registros llegaron en %n ráfagas</numerusform>
        </translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a blank line as well.</source>
        <translation>Según el estándar se descarta. Termina también el último con una línea en blanco.</translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a line end as well.</source>
        <translation>Según el estándar se descarta. Termina también el último con un fin de línea.</translation>
    </message>
    <message>
        <source>Bytes that are no UTF-8: {records}</source>
        <translation>Bytes que no son UTF-8: {records}</translation>
    </message>
    <message>
        <source>Clients stop reading at the end mark. Send it last.</source>
        <translation>Los clientes dejan de leer en la marca de fin. Envíala la última.</translation>
    </message>
    <message>
        <source>Compressors hold back what is small. Send event streams as they are; proxies need telling, too.</source>
        <translation>Los compresores retienen lo pequeño. Envía los flujos de eventos tal cual; también hay que indicárselo a los proxies.</translation>
    </message>
    <message>
        <source>Cut in the middle of a record</source>
        <translation>Cortado en mitad de un registro</translation>
    </message>
    <message>
        <source>Cut off before it was whole.</source>
        <translation>Cortado antes de completarse.</translation>
    </message>
    <message>
        <source>Data that is not JSON: {records}</source>
        <translation>Datos que no son JSON: {records}</translation>
    </message>
    <message>
        <source>Event streams are UTF-8 whatever the header says.</source>
        <translation>Los flujos de eventos son UTF-8 diga lo que diga la cabecera.</translation>
    </message>
    <message>
        <source>Events that the protocol does not know: {names}</source>
        <translation>Eventos que el protocolo no conoce: {names}</translation>
    </message>
    <message>
        <source>If the model was not thinking there, look for a server or a proxy that stalls. Comments (lines that begin with “:”) every 15 s keep proxies from hanging up.</source>
        <translation>Si el modelo no estaba razonando ahí, busca un servidor o un proxy que se atasca. Los comentarios (líneas que empiezan por «:») cada 15 s evitan que los proxies cuelguen.</translation>
    </message>
    <message>
        <source>It came by way of {via}.</source>
        <translation>Llegó a través de {via}.</translation>
    </message>
    <message>
        <source>It does not say where to.</source>
        <translation>No dice adónde.</translation>
    </message>
    <message>
        <source>It ends before its last bracket: the server, or something on the way, stopped there.</source>
        <translation>Termina antes de su último corchete: el servidor, o algo en el camino, se detuvo ahí.</translation>
    </message>
    <message>
        <source>It knows no chunks, so that an end can’t be told from a cut. In nginx set “proxy_http_version 1.1”.</source>
        <translation>No conoce los fragmentos, de modo que un final no se distingue de un corte. En nginx, pon «proxy_http_version 1.1».</translation>
    </message>
    <message>
        <source>It says “X-Accel-Buffering: yes”: send “no”.</source>
        <translation>Dice «X-Accel-Buffering: yes»: envía «no».</translation>
    </message>
    <message>
        <source>Its length was known beforehand, so that it was whole before it was sent.</source>
        <translation>Su longitud se conocía de antemano, así que estaba completa antes de enviarse.</translation>
    </message>
    <message>
        <source>Its type is {kind}. Perhaps the address is wrong, or a proxy answered with a page.</source>
        <translation>Su tipo es {kind}. Quizá la dirección sea errónea, o un proxy respondió con una página.</translation>
    </message>
    <message>
        <source>JSON that is labelled as an event stream</source>
        <translation>JSON etiquetado como flujo de eventos</translation>
    </message>
    <message>
        <source>Line ends are mixed: {kinds}</source>
        <translation>Los finales de línea están mezclados: {kinds}</translation>
    </message>
    <message>
        <source>Lines of JSON that are labelled {kind}</source>
        <translation>Líneas de JSON etiquetadas como {kind}</translation>
    </message>
    <message>
        <source>NUL bytes in {records}</source>
        <translation>Bytes NUL en {records}</translation>
    </message>
    <message>
        <source>No [DONE] at the end</source>
        <translation>Falta [DONE] al final</translation>
    </message>
    <message>
        <source>No data in it.</source>
        <translation>No contiene datos.</translation>
    </message>
    <message>
        <source>No end mark came, so that the stream can’t be told from a cut one.</source>
        <translation>No llegó ninguna marca de fin, de modo que el flujo no se distingue de uno cortado.</translation>
    </message>
    <message>
        <source>No usage was sent</source>
        <translation>No se envió el uso</translation>
    </message>
    <message>
        <source>Not everything is shown</source>
        <translation>No se muestra todo</translation>
    </message>
    <message>
        <source>Not kept: {size}. Recordings have room for {room} together.</source>
        <translation>Sin conservar: {size}. Las grabaciones disponen de {room} en total.</translation>
    </message>
    <message>
        <source>Not read to its end</source>
        <translation>No se leyó hasta el final</translation>
    </message>
    <message>
        <source>Not read: the reply had ended.</source>
        <translation>No se leyó: la respuesta ya había terminado.</translation>
    </message>
    <message>
        <source>Not read: the reply had failed.</source>
        <translation>No se leyó: la respuesta había fallado.</translation>
    </message>
    <message>
        <source>Nothing that is whole yet.</source>
        <translation>Nada completo todavía.</translation>
    </message>
    <message>
        <source>Nothing wrong with this stream</source>
        <translation>Este flujo es correcto</translation>
    </message>
    <message>
        <source>One is enough; nothing is read after the first.</source>
        <translation>Basta con una; después de la primera no se lee nada.</translation>
    </message>
    <message>
        <source>Only the end of the connection ends it, which a break can’t be told from. Send “Transfer-Encoding: chunked”.</source>
        <translation>Solo lo termina el final de la conexión, que no se distingue de una interrupción. Envía «Transfer-Encoding: chunked».</translation>
    </message>
    <message>
        <source>Only the very first bytes may be one. Perhaps files or buffers were put one after the other.</source>
        <translation>Solo puede estar en los primeros bytes. Quizá se unieron archivos o búferes uno tras otro.</translation>
    </message>
    <message>
        <source>Records, order, end and transport are as they should be.</source>
        <translation>Los registros, el orden, el final y el transporte son como deben ser.</translation>
    </message>
    <message>
        <source>Replay of {name}</source>
        <translation>Reproducción de {name}</translation>
    </message>
    <message>
        <source>Send each event’s JSON on data lines of its own and end it with a blank line. JSON that goes over several lines needs “data: ” before each of them.</source>
        <translation>Envía el JSON de cada evento en líneas de datos propias y termínalo con una línea en blanco. Un JSON de varias líneas necesita «data: » delante de cada una.</translation>
    </message>
    <message>
        <source>Send events, or “Content-Type: application/json”.</source>
        <translation>Envía eventos, o «Content-Type: application/json».</translation>
    </message>
    <message>
        <source>Send “Content-Type: application/x-ndjson”.</source>
        <translation>Envía «Content-Type: application/x-ndjson».</translation>
    </message>
    <message>
        <source>Send “Content-Type: text/event-stream”: many clients refuse anything else.</source>
        <translation>Envía «Content-Type: text/event-stream»: muchos clientes rechazan cualquier otro.</translation>
    </message>
    <message>
        <source>Several events without a blank line between: {records}</source>
        <translation>Varios eventos sin línea en blanco entre ellos: {records}</translation>
    </message>
    <message>
        <source>Something between the model and Weir collects the stream.</source>
        <translation>Algo entre el modelo y Weir acumula el flujo.</translation>
    </message>
    <message>
        <source>The answer came by HTTP/1.0</source>
        <translation>La respuesta llegó por HTTP/1.0</translation>
    </message>
    <message>
        <source>The answer is compressed ({encoding}), and compressors wait for more: switch that off.</source>
        <translation>La respuesta está comprimida ({encoding}), y los compresores esperan a tener más: desactiva la compresión.</translation>
    </message>
    <message>
        <source>The answer is no reply</source>
        <translation>Lo que llegó no es una respuesta de un modelo</translation>
    </message>
    <message>
        <source>The answer is not sent in HTTP chunks</source>
        <translation>La respuesta no se envía en fragmentos HTTP</translation>
    </message>
    <message>
        <source>The body ({size}) was too large to be kept.</source>
        <translation>El cuerpo ({size}) era demasiado grande para conservarlo.</translation>
    </message>
    <message>
        <source>The body says more; see the records and the answer’s headers.</source>
        <translation>El cuerpo dice más; mira los registros y las cabeceras de la respuesta.</translation>
    </message>
    <message>
        <source>The connection broke before the answer ended</source>
        <translation>La conexión se cortó antes de que terminara la respuesta</translation>
    </message>
    <message>
        <source>The document is not whole</source>
        <translation>El documento no está completo</translation>
    </message>
    <message>
        <source>The end mark is missing</source>
        <translation>Falta la marca de fin</translation>
    </message>
    <message>
        <source>The end mark.</source>
        <translation>La marca de fin.</translation>
    </message>
    <message>
        <source>The event “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>No llegó el evento «{name}», de modo que el flujo no se distingue de uno cortado.</translation>
    </message>
    <message>
        <source>The field “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>No llegó el campo «{name}», de modo que el flujo no se distingue de uno cortado.</translation>
    </message>
    <message>
        <source>The file was changed since it was recorded: the times no longer belong to the same bytes.</source>
        <translation>El archivo cambió desde que se grabó: los tiempos ya no corresponden a los mismos bytes.</translation>
    </message>
    <message>
        <source>The first record came after {time}</source>
        <translation>El primer registro llegó después de {time}</translation>
    </message>
    <message>
        <source>The head of an answer came, and nothing after it.</source>
        <translation>Llegó la cabecera de una respuesta y nada más.</translation>
    </message>
    <message>
        <source>The last record has no blank line</source>
        <translation>El último registro no tiene línea en blanco</translation>
    </message>
    <message>
        <source>The last record has no line end</source>
        <translation>El último registro no tiene fin de línea</translation>
    </message>
    <message>
        <source>The model said that it had ended, but “data: [DONE]” did not follow. Some clients wait for it.</source>
        <translation>El modelo dijo que había terminado, pero no siguió «data: [DONE]». Algunos clientes lo esperan.</translation>
    </message>
    <message>
        <source>The protocol is not known.</source>
        <translation>El protocolo no se conoce.</translation>
    </message>
    <message>
        <source>The protocol of {name} can’t be told from its records. Name it with --protocol, one of: {known}.</source>
        <translation>No se puede deducir el protocolo de {name} a partir de sus registros. Indícalo con --protocol, uno de: {known}.</translation>
    </message>
    <message>
        <source>The reply came as one document</source>
        <translation>La respuesta llegó como un solo documento</translation>
    </message>
    <message numerus="yes">
        <source>The reply ended %n time(s)</source>
        <translation>
            <numerusform>La respuesta terminó %n vez</numerusform>
            <numerusform>La respuesta terminó %n veces</numerusform>
        </translation>
    </message>
    <message>
        <source>The reply failed</source>
        <translation>La respuesta falló</translation>
    </message>
    <message>
        <source>The server asks to wait (Retry-After: {after}).</source>
        <translation>El servidor pide esperar (Retry-After: {after}).</translation>
    </message>
    <message>
        <source>The server closed the connection, or it could not be reached.</source>
        <translation>El servidor cerró la conexión o no se pudo contactar con él.</translation>
    </message>
    <message>
        <source>The server did not stream. If it should, see whether the request says so and the server looks.</source>
        <translation>El servidor no transmitió en flujo. Si debería hacerlo, mira si la solicitud lo pide y si el servidor lo tiene en cuenta.</translation>
    </message>
    <message>
        <source>The server or a proxy hung up: look for a crash, a time limit, or a limit on the answer’s size.</source>
        <translation>El servidor o un proxy colgó: busca un cierre inesperado, un límite de tiempo o un límite en el tamaño de la respuesta.</translation>
    </message>
    <message>
        <source>The server refused: {name}</source>
        <translation>El servidor lo rechazó: {name}</translation>
    </message>
    <message>
        <source>The server sends on ({name})</source>
        <translation>El servidor remite a otro lugar ({name})</translation>
    </message>
    <message>
        <source>The server, or something on the way, ended the answer before the record was whole.</source>
        <translation>El servidor, o algo en el camino, terminó la respuesta antes de que el registro estuviera completo.</translation>
    </message>
    <message>
        <source>The stream has a length ({length} bytes)</source>
        <translation>El flujo tiene una longitud ({length} bytes)</translation>
    </message>
    <message>
        <source>The stream is compressed ({encoding})</source>
        <translation>El flujo está comprimido ({encoding})</translation>
    </message>
    <message>
        <source>The type names another charset: {kind}</source>
        <translation>El tipo indica otra codificación: {kind}</translation>
    </message>
    <message>
        <source>There is no file {file}.</source>
        <translation>No existe el archivo {file}.</translation>
    </message>
    <message>
        <source>There was neither a “finish_reason” nor “data: [DONE]”, so that the stream can’t be told from a cut one.</source>
        <translation>No hubo «finish_reason» ni «data: [DONE]», de modo que el flujo no se distingue de uno cortado.</translation>
    </message>
    <message>
        <source>There was no answer</source>
        <translation>No hubo respuesta</translation>
    </message>
    <message>
        <source>They became “�”. Event streams are UTF-8 by their standard; don’t cut characters in two when text is taken apart as bytes.</source>
        <translation>Se convirtieron en «�». Los flujos de eventos son UTF-8 según su estándar; no partas caracteres al dividir el texto en bytes.</translation>
    </message>
    <message>
        <source>They keep the connection open and say nothing. That is as it should be.</source>
        <translation>Mantienen abierta la conexión y no dicen nada. Así debe ser.</translation>
    </message>
    <message>
        <source>This conversation is kept nowhere, and nobody is asked.</source>
        <translation>Esta conversación no se guarda en ningún sitio, y no se pregunta a nadie.</translation>
    </message>
    <message>
        <source>This header asks nginx to collect the stream. Send “no”.</source>
        <translation>Esta cabecera pide a nginx que acumule el flujo. Envía «no».</translation>
    </message>
    <message>
        <source>This is not JSON: the reply ended here.</source>
        <translation>Esto no es JSON: la respuesta terminó aquí.</translation>
    </message>
    <message>
        <source>To {target}.</source>
        <translation>A {target}.</translation>
    </message>
    <message>
        <source>Tokens can’t be counted without it.</source>
        <translation>Sin él no se pueden contar los tokens.</translation>
    </message>
    <message>
        <source>Weir asks for it by {option}; the server may not know it.</source>
        <translation>Weir lo pide con {option}; quizá el servidor no lo conozca.</translation>
    </message>
    <message>
        <source>Weir closed the connection: the reply was stopped, or it failed.</source>
        <translation>Weir cerró la conexión: la respuesta se detuvo o falló.</translation>
    </message>
    <message>
        <source>Weir passes over it; some clients take it for a part of the first field’s name.</source>
        <translation>Weir la pasa por alto; algunos clientes la toman por parte del nombre del primer campo.</translation>
    </message>
    <message>
        <source>Weir passes over them. If they should say something, compare their names with the protocol’s.</source>
        <translation>Weir los pasa por alto. Si deberían decir algo, compara sus nombres con los del protocolo.</translation>
    </message>
    <message>
        <source>Weir takes them apart, other clients may not. End each event with a blank line.</source>
        <translation>Weir los separa; otros clientes quizá no. Termina cada evento con una línea en blanco.</translation>
    </message>
    <message>
        <source>a line of its head is “{line}”.</source>
        <translation>una línea de su cabecera es «{line}».</translation>
    </message>
    <message>
        <source>end</source>
        <translation>fin</translation>
    </message>
    <message>
        <source>it holds no text.</source>
        <translation>no contiene texto.</translation>
    </message>
    <message>
        <source>it was written by a newer Weir. Update this one to play it.</source>
        <translation>lo escribió una versión más nueva de Weir. Actualiza esta para reproducirlo.</translation>
    </message>
    <message>
        <source>nginx stands between: send “X-Accel-Buffering: no”, or set “proxy_buffering off”.</source>
        <translation>nginx está en medio: envía «X-Accel-Buffering: no» o pon «proxy_buffering off».</translation>
    </message>
    <message>
        <source>no counts</source>
        <translation>sin recuentos</translation>
    </message>
    <message>
        <source>none</source>
        <translation>ninguno</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>marcador de posición</translation>
    </message>
    <message>
        <source>progress</source>
        <translation>progreso</translation>
    </message>
    <message>
        <source>reasoning</source>
        <translation>razonamiento</translation>
    </message>
    <message>
        <source>record {number}</source>
        <translation>registro {number}</translation>
    </message>
    <message>
        <source>records {numbers}</source>
        <translation>registros {numbers}</translation>
    </message>
    <message>
        <source>refusal</source>
        <translation>negativa</translation>
    </message>
    <message>
        <source>text</source>
        <translation>texto</translation>
    </message>
    <message>
        <source>the line “:weir body” is missing.</source>
        <translation>falta la línea «:weir body».</translation>
    </message>
    <message>
        <source>there is a head of HTTP in it, and no body.</source>
        <translation>contiene una cabecera HTTP, pero ningún cuerpo.</translation>
    </message>
    <message>
        <source>tool call</source>
        <translation>llamada a herramienta</translation>
    </message>
    <message>
        <source>usage</source>
        <translation>uso</translation>
    </message>
    <message>
        <source>what follows “:weir {name}” is no JSON object.</source>
        <translation>lo que sigue a «:weir {name}» no es un objeto JSON.</translation>
    </message>
    <message>
        <source>{count} cached</source>
        <translation>{count} en caché</translation>
    </message>
    <message>
        <source>{count} in</source>
        <translation>{count} de entrada</translation>
    </message>
    <message>
        <source>{count} out</source>
        <translation>{count} de salida</translation>
    </message>
    <message>
        <source>{count} reasoning</source>
        <translation>{count} de razonamiento</translation>
    </message>
    <message>
        <source>{count} total</source>
        <translation>{count} en total</translation>
    </message>
    <message>
        <source>{file} can’t be read ({reason}).</source>
        <translation>No se puede leer {file} ({reason}).</translation>
    </message>
    <message>
        <source>{file} could not be written ({reason}). Choose another place.</source>
        <translation>No se pudo escribir {file} ({reason}). Elige otro lugar.</translation>
    </message>
    <message>
        <source>{file} is a folder. Name a recorded stream in it.</source>
        <translation>{file} es una carpeta. Indica un flujo grabado que esté en ella.</translation>
    </message>
    <message>
        <source>{file} is empty. Record a stream with “curl -N”, or save one in the inspector.</source>
        <translation>{file} está vacío. Graba un flujo con «curl -N» o guarda uno en el inspector.</translation>
    </message>
    <message>
        <source>{file} is larger than {size} MB, too large for a recorded stream.</source>
        <translation>{file} supera los {size} MB, demasiado para un flujo grabado.</translation>
    </message>
    <message>
        <source>{file} is not a whole recording: {error}</source>
        <translation>{file} no es una grabación completa: {error}</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>“{name}” is not a protocol that Weir knows. There are: {known}.</source>
        <translation>«{name}» no es un protocolo que Weir conozca. Los hay: {known}.</translation>
    </message>
    <message>
        <source>“{name}” is not an event of this protocol; it is passed over.</source>
        <translation>«{name}» no es un evento de este protocolo; se pasa por alto.</translation>
    </message>
    <message>
        <source>“{pair}” is no time and size.</source>
        <translation>«{pair}» no es un tiempo y un tamaño.</translation>
    </message>
    <message>
        <source>“{words}”. The status was {status}, because the stream had begun. Clients that look at the status alone take this for a success.</source>
        <translation>«{words}». El estado era {status} porque el flujo ya había empezado. Los clientes que solo miran el estado lo toman por un éxito.</translation>
    </message>
    <message>
        <source>“{word}” stands for no byte.</source>
        <translation>«{word}» no representa ningún byte.</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message numerus="yes">
        <source>… %n more byte(s)</source>
        <translation>
            <numerusform>… %n byte más</numerusform>
            <numerusform>… %n bytes más</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InspectorDoor</name>
    <message>
        <source>Inspect the stream</source>
        <translation>Inspeccionar el flujo</translation>
    </message>
    <message>
        <source>raw, records, SSE, curl, debug, request, headers</source>
        <translation>crudo, registros, SSE, curl, depurar, solicitud, cabeceras</translation>
    </message>
</context>
<context>
    <name>InspectorWindow</name>
    <message numerus="yes">
        <source>%n record(s)</source>
        <translation>
            <numerusform>%n registro</numerusform>
            <numerusform>%n registros</numerusform>
        </translation>
    </message>
    <message>
        <source>(The body was too large to be kept.)</source>
        <translation>(El cuerpo era demasiado grande para conservarlo.)</translation>
    </message>
    <message>
        <source>A file that “weir replay” plays</source>
        <translation>Un archivo que «weir replay» reproduce</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Attempt</source>
        <extracomment>Which of several requests for one reply</extracomment>
        <translation>Intento</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copiado</translation>
    </message>
    <message>
        <source>Copy as curl</source>
        <translation>Copiar como curl</translation>
    </message>
    <message>
        <source>Copy the body</source>
        <translation>Copiar el cuerpo</translation>
    </message>
    <message>
        <source>More may come.</source>
        <translation>Puede que llegue más.</translation>
    </message>
    <message>
        <source>Nothing is recorded of this reply.</source>
        <translation>No hay nada grabado de esta respuesta.</translation>
    </message>
    <message>
        <source>Of the older replies some were dropped: there is room for {size}.</source>
        <translation>Se descartaron algunas de las respuestas más antiguas: hay sitio para {size}.</translation>
    </message>
    <message>
        <source>Recorded streams (*.sse)</source>
        <translation>Flujos grabados (*.sse)</translation>
    </message>
    <message>
        <source>Records and details</source>
        <translation>Registros y detalles</translation>
    </message>
    <message>
        <source>Save the stream</source>
        <translation>Guardar el flujo</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Guardado</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Guardar…</translation>
    </message>
    <message>
        <source>Stream inspector</source>
        <translation>Inspector de flujos</translation>
    </message>
    <message>
        <source>Stream of a reply</source>
        <translation>Flujo de una respuesta</translation>
    </message>
    <message>
        <source>The JSON that was sent</source>
        <translation>El JSON que se envió</translation>
    </message>
    <message>
        <source>The answer ended as HTTP has it.</source>
        <translation>La respuesta terminó como manda HTTP.</translation>
    </message>
    <message>
        <source>The connection broke.</source>
        <translation>La conexión se cortó.</translation>
    </message>
    <message>
        <source>The head came after {time}.</source>
        <translation>La cabecera llegó después de {time}.</translation>
    </message>
    <message>
        <source>The request as a command, with a variable in place of the key</source>
        <translation>La solicitud como orden, con una variable en lugar de la clave</translation>
    </message>
    <message>
        <source>There is no answer yet.</source>
        <translation>Todavía no hay respuesta.</translation>
    </message>
    <message>
        <source>There is no reply here yet. Send a prompt, and its stream is shown while it comes.</source>
        <translation>Todavía no hay ninguna respuesta. Envía un prompt y se mostrará su flujo mientras llega.</translation>
    </message>
    <message>
        <source>Weir closed the connection.</source>
        <translation>Weir cerró la conexión.</translation>
    </message>
    <message>
        <source>What crosses the wire is kept for this run of Weir alone, and never written to a file unless you save it.</source>
        <translation>Lo que pasa por la red se conserva solo durante esta ejecución de Weir y nunca se escribe en un archivo, a menos que lo guardes.</translation>
    </message>
    <message>
        <source>live</source>
        <extracomment>The stream is coming at this moment</extracomment>
        <translation>en directo</translation>
    </message>
    <message>
        <source>no answer</source>
        <extracomment>The request was sent, and there is no answer yet</extracomment>
        <translation>sin respuesta</translation>
    </message>
    <message>
        <source>silent for {time}</source>
        <translation>en silencio desde hace {time}</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>esperando</translation>
    </message>
    <message>
        <source>{model} at {endpoint}</source>
        <translation>{model} en {endpoint}</translation>
    </message>
    <message>
        <source>… {size} in all; “Copy the body” has the rest.</source>
        <translation>… {size} en total; «Copiar el cuerpo» tiene el resto.</translation>
    </message>
</context>
<context>
    <name>KeptForm</name>
    <message>
        <source>As it came with Weir</source>
        <translation>Como venía con Weir</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Guardar</translation>
    </message>
</context>
<context>
    <name>KeptList</name>
    <message numerus="yes">
        <source>%n came in.</source>
        <extracomment>Prompts or personas came in from a file</extracomment>
        <translation>
            <numerusform>Se ha importado %n.</numerusform>
            <numerusform>Se han importado %n.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <extracomment>Prompts or personas of the file that were here before</extracomment>
        <translation>
            <numerusform>%n ya estaba aquí.</numerusform>
            <numerusform>%n ya estaban aquí.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were written to {file}.</source>
        <extracomment>Prompts or personas were written to a file</extracomment>
        <translation>
            <numerusform>Se ha escrito %n en {file}.</numerusform>
            <numerusform>Se han escrito %n en {file}.</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Delete {name}</source>
        <translation>Eliminar {name}</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>Editar {name}</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportar</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportar…</translation>
    </message>
    <message>
        <source>Hide {name}</source>
        <translation>Ocultar {name}</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importar</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importar…</translation>
    </message>
    <message>
        <source>Move {name} down</source>
        <translation>Bajar {name}</translation>
    </message>
    <message>
        <source>Move {name} up</source>
        <translation>Subir {name}</translation>
    </message>
    <message>
        <source>Readable files (*.toml)</source>
        <translation>Archivos legibles (*.toml)</translation>
    </message>
    <message>
        <source>Show what is hidden ({count})</source>
        <translation>Mostrar lo oculto ({count})</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>changed</source>
        <extracomment>A prompt or persona that comes with Weir and was changed</extracomment>
        <translation>modificado</translation>
    </message>
    <message>
        <source>comes with Weir</source>
        <translation>incluido en Weir</translation>
    </message>
    <message>
        <source>{problem} Until then nothing can be changed here.</source>
        <translation>{problem} Hasta entonces no se puede cambiar nada aquí.</translation>
    </message>
    <message>
        <source>“{name}” is hidden.</source>
        <translation>«{name}» se ha ocultado.</translation>
    </message>
    <message>
        <source>“{name}” was deleted.</source>
        <translation>«{name}» se ha eliminado.</translation>
    </message>
</context>
<context>
    <name>KeyCard</name>
    <message>
        <source>A service you have a key for</source>
        <translation>Un servicio del que tienes una clave</translation>
    </message>
    <message>
        <source>Keys are kept in this computer’s keyring and nowhere else.</source>
        <translation>Las claves se guardan en el llavero de este equipo y en ningún otro lugar.</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>Pega una clave</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>Servicio</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the key works</extracomment>
        <translation>Probar</translation>
    </message>
    <message>
        <source>The key goes into {keyring} and nowhere else.</source>
        <translation>La clave se guarda en {keyring} y en ningún otro lugar.</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. The key is kept in memory and forgotten when Weir ends.</source>
        <translation>Este equipo no tiene ningún llavero que Weir pueda usar. La clave queda en memoria y se olvida al cerrar Weir.</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>Esta clave contiene caracteres que ninguna clave tiene.</translation>
    </message>
    <message>
        <source>This looks like a key for {service}, which Weir can’t talk to yet. If it is for another service, choose that one.</source>
        <translation>Parece una clave de {service}, con el que Weir aún no puede comunicarse. Si es de otro servicio, elígelo.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Usarlo</translation>
    </message>
    <message>
        <source>Use it anyway</source>
        <translation>Usarla de todos modos</translation>
    </message>
    <message>
        <source>Which service is this key for? Choose it beside the key.</source>
        <translation>¿De qué servicio es esta clave? Elígelo junto a la clave.</translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>Clave</translation>
    </message>
</context>
<context>
    <name>KeyboardPage</name>
    <message>
        <source>Actions and their keys</source>
        <translation>Acciones y sus teclas</translation>
    </message>
    <message>
        <source>Add other keys</source>
        <translation>Añadir otras teclas</translation>
    </message>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add another shortcut</extracomment>
        <translation>Añadir…</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Cambiar…</translation>
    </message>
    <message>
        <source>Every action has its first keys again.</source>
        <translation>Todas las acciones vuelven a tener sus teclas iniciales.</translation>
    </message>
    <message>
        <source>Find an action or its keys</source>
        <translation>Buscar una acción o sus teclas</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Teclado</translation>
    </message>
    <message>
        <source>No keys</source>
        <translation>Sin teclas</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>No hay nada con ese nombre.</translation>
    </message>
    <message>
        <source>Press others</source>
        <extracomment>On a button: press other keys instead</extracomment>
        <translation>Pulsar otras</translation>
    </message>
    <message>
        <source>Reset</source>
        <extracomment>On a button: give an action its first keys again</extracomment>
        <translation>Restablecer</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Restablecer todo</translation>
    </message>
    <message>
        <source>Take keys away</source>
        <extracomment>On a button: an action then has no keys</extracomment>
        <translation>Quitar teclas</translation>
    </message>
    <message>
        <source>Take them over</source>
        <translation>Pasarlas aquí</translation>
    </message>
    <message>
        <source>while a message has the keyboard</source>
        <translation>mientras un mensaje tiene el foco</translation>
    </message>
    <message>
        <source>while the list has the keyboard</source>
        <translation>mientras la lista tiene el foco</translation>
    </message>
    <message>
        <source>{action}: {keys}</source>
        <translation>{action}: {keys}</translation>
    </message>
    <message>
        <source>{keys} is for “{action}”. Taken over, that has these keys no longer.</source>
        <translation>{keys} es de «{action}». Si se pasa aquí, esa acción la pierde.</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Escape stops a reply and closes what is open.</source>
        <translation>Esc detiene una respuesta y cierra lo que esté abierto.</translation>
    </message>
    <message>
        <source>{keys} alone writes a character. Hold Ctrl or Alt with it.</source>
        <translation>{keys} por sí sola escribe un carácter. Púlsala con Ctrl o Alt.</translation>
    </message>
    <message>
        <source>{keys} belongs to input methods on many systems.</source>
        <translation>{keys} la usan los métodos de entrada en muchos sistemas.</translation>
    </message>
    <message>
        <source>{keys} is needed for writing and moving about.</source>
        <translation>{keys} hace falta para escribir y desplazarse.</translation>
    </message>
    <message>
        <source>{keys} is needed for writing.</source>
        <translation>{keys} hace falta para escribir.</translation>
    </message>
    <message>
        <source>{keys} writes a character on many keyboards, where it is AltGr.</source>
        <translation>{keys} escribe un carácter en muchos teclados, donde equivale a AltGr.</translation>
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
        <translation>Idioma</translation>
    </message>
    <message>
        <source>Like the system: {language}</source>
        <translation>Como el sistema: {language}</translation>
    </message>
    <message>
        <source>Weir speaks {language} from its next start on.</source>
        <translation>Weir hablará {language} a partir del próximo inicio.</translation>
    </message>
</context>
<context>
    <name>LineupBar</name>
    <message>
        <source>Add a model to compare</source>
        <translation>Añadir un modelo para comparar</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Añadir…</translation>
    </message>
    <message>
        <source>Choose one more…</source>
        <extracomment>On a button: add a model</extracomment>
        <translation>Elegir uno más…</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Comparar</translation>
    </message>
    <message>
        <source>Models to compare</source>
        <translation>Modelos que comparar</translation>
    </message>
    <message>
        <source>One model again</source>
        <translation>Volver a un solo modelo</translation>
    </message>
</context>
<context>
    <name>LineupPopup</name>
    <message>
        <source>Choose at least two. The same model may be there twice.</source>
        <translation>Elige al menos dos. El mismo modelo puede estar dos veces.</translation>
    </message>
    <message>
        <source>Compare which models? Up to four</source>
        <translation>¿Qué modelos comparar? Hasta cuatro</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the list</extracomment>
        <translation>Listo</translation>
    </message>
    <message>
        <source>Four are chosen, and there is no room for more.</source>
        <translation>Hay cuatro elegidos y no caben más.</translation>
    </message>
    <message>
        <source>{number} of {most} chosen</source>
        <translation>{number} de {most} elegidos</translation>
    </message>
</context>
<context>
    <name>LiveConversation</name>
    <message>
        <source>A reply is still coming. Stop it first.</source>
        <translation>Todavía está llegando una respuesta. Detenla antes.</translation>
    </message>
    <message>
        <source>This long conversation is still being read. Try again in a moment.</source>
        <translation>Esta conversación larga se está leyendo todavía. Vuelve a intentarlo en un momento.</translation>
    </message>
</context>
<context>
    <name>LocalModel</name>
    <message>
        <source>Another model was chosen while this one was starting.</source>
        <translation>Se eligió otro modelo mientras este se iniciaba.</translation>
    </message>
    <message>
        <source>Checking the demo model…</source>
        <translation>Comprobando el modelo de demostración…</translation>
    </message>
    <message>
        <source>No chat template: this is a base model. It continues text and will ramble.</source>
        <translation>Sin plantilla de chat: es un modelo base. Continúa textos y divagará.</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>En este equipo</translation>
    </message>
    <message>
        <source>Part {position} of {count} is missing: “{name}” has to lie in the same folder.</source>
        <translation>Falta la parte {position} de {count}: «{name}» debe estar en la misma carpeta.</translation>
    </message>
    <message>
        <source>Starting the model…</source>
        <translation>Iniciando el modelo…</translation>
    </message>
    <message>
        <source>The demo model could not be read: {reason}.</source>
        <translation>No se pudo leer el modelo de demostración: {reason}.</translation>
    </message>
    <message>
        <source>The demo model is not on this computer. Run:  {command}  (93 MB), or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>El modelo de demostración no está en este equipo. Ejecuta:  {command}  (93 MB), o elige un archivo GGUF propio en Ajustes, En este equipo.</translation>
    </message>
    <message>
        <source>The demo model’s file is damaged: its checksum is wrong. Run:  {command} --force-reinstall</source>
        <translation>El archivo del modelo de demostración está dañado: su suma de comprobación es incorrecta. Ejecuta:  {command} --force-reinstall</translation>
    </message>
    <message>
        <source>The engine cannot load this model: {reason}.</source>
        <translation>El motor no puede cargar este modelo: {reason}.</translation>
    </message>
    <message>
        <source>The file became shorter while it was read.</source>
        <translation>El archivo se acortó mientras se leía.</translation>
    </message>
    <message>
        <source>The file is cut short: its header goes on beyond its end. Download it again.</source>
        <translation>El archivo está cortado: su cabecera sigue más allá del final. Vuelve a descargarlo.</translation>
    </message>
    <message>
        <source>The file is cut short: {missing} are missing. Download it again.</source>
        <translation>El archivo está cortado: faltan {missing}. Vuelve a descargarlo.</translation>
    </message>
    <message>
        <source>The file is damaged: its header is far too large.</source>
        <translation>El archivo está dañado: su cabecera es demasiado grande.</translation>
    </message>
    <message>
        <source>The file is damaged: its header makes no sense.</source>
        <translation>El archivo está dañado: su cabecera no tiene sentido.</translation>
    </message>
    <message>
        <source>The file “{name}” could not be read: {reason}.</source>
        <translation>No se pudo leer el archivo «{name}»: {reason}.</translation>
    </message>
    <message>
        <source>The file “{name}” is no longer there.</source>
        <translation>El archivo «{name}» ya no existe.</translation>
    </message>
    <message>
        <source>The model keeps ending unexpectedly. Wait a minute before you try again, or choose a smaller model.</source>
        <translation>El modelo se cierra inesperadamente una y otra vez. Espera un minuto antes de volver a intentarlo, o elige un modelo más pequeño.</translation>
    </message>
    <message>
        <source>The model was stopped while it was starting.</source>
        <translation>El modelo se detuvo mientras se iniciaba.</translation>
    </message>
    <message>
        <source>The model’s process could not be started: {reason}.</source>
        <translation>No se pudo iniciar el proceso del modelo: {reason}.</translation>
    </message>
    <message>
        <source>The model’s process ended unexpectedly (code {code}).</source>
        <translation>El proceso del modelo terminó inesperadamente (código {code}).</translation>
    </message>
    <message>
        <source>The part that runs models is not installed. Close Weir, run:  pip install {module}  and start Weir again.</source>
        <translation>No está instalada la parte que ejecuta modelos. Cierra Weir, ejecuta:  pip install {module}  y vuelve a abrir Weir.</translation>
    </message>
    <message>
        <source>The system ended the model, probably because memory ran out. It needs about {need} GB.</source>
        <translation>El sistema cerró el modelo, probablemente por falta de memoria. Necesita unos {need} GB.</translation>
    </message>
    <message>
        <source>There is no ready-made part that runs models for Windows on ARM.</source>
        <translation>No hay ninguna parte ya preparada que ejecute modelos en Windows para ARM.</translation>
    </message>
    <message>
        <source>This GGUF file has version {version}, which is not known here.</source>
        <translation>Este archivo GGUF tiene la versión {version}, que aquí no se conoce.</translation>
    </message>
    <message>
        <source>This GGUF file holds no language model.</source>
        <translation>Este archivo GGUF no contiene ningún modelo de lenguaje.</translation>
    </message>
    <message>
        <source>This GGUF file was made for big-endian machines and cannot be used.</source>
        <translation>Este archivo GGUF se hizo para máquinas big-endian y no se puede usar.</translation>
    </message>
    <message>
        <source>This computer’s processor lacks instructions that the model needs (AVX2). Use a model server or a service instead.</source>
        <translation>El procesador de este equipo carece de instrucciones que el modelo necesita (AVX2). Usa en su lugar un servidor de modelos o un servicio.</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the demo model. Install the copy with it, or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>Esta copia de Weir viene sin el modelo de demostración. Instala la copia que lo incluye o elige un archivo GGUF propio en Ajustes, En este equipo.</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the part that runs models. Install the full one.</source>
        <translation>Esta copia de Weir viene sin la parte que ejecuta modelos. Instala la completa.</translation>
    </message>
    <message>
        <source>This file is {what}, not a model. Choose the model's own file.</source>
        <translation>Este archivo es {what}, no un modelo. Elige el archivo del propio modelo.</translation>
    </message>
    <message>
        <source>This is not a GGUF file.</source>
        <translation>Este no es un archivo GGUF.</translation>
    </message>
    <message>
        <source>This is part {number} of {count}, but its name was changed. The parts must keep the names they were downloaded with.</source>
        <translation>Esta es la parte {number} de {count}, pero se le cambió el nombre. Las partes deben conservar los nombres con los que se descargaron.</translation>
    </message>
    <message>
        <source>This is part {number} of {count}: choose the first part, “{name}”.</source>
        <translation>Esta es la parte {number} de {count}: elige la primera parte, «{name}».</translation>
    </message>
    <message>
        <source>This model is made for searching texts; it cannot chat.</source>
        <translation>Este modelo sirve para buscar en textos; no puede conversar.</translation>
    </message>
    <message>
        <source>a measurement for making models</source>
        <translation>una medición para crear modelos</translation>
    </message>
    <message>
        <source>an adapter</source>
        <translation>un adaptador</translation>
    </message>
    <message>
        <source>an addition to a model</source>
        <translation>un complemento de un modelo</translation>
    </message>
    <message>
        <source>its chat template cannot be understood</source>
        <translation>no se entiende su plantilla de chat</translation>
    </message>
    <message>
        <source>many GB</source>
        <translation>muchos GB</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>el disco no indicó el motivo</translation>
    </message>
    <message>
        <source>the name is not a file's</source>
        <translation>el nombre no es el de un archivo</translation>
    </message>
    <message>
        <source>the part of a model that sees pictures</source>
        <translation>la parte de un modelo que ve imágenes</translation>
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
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message>
        <source>A model file of your own</source>
        <translation>Un archivo de modelo propio</translation>
    </message>
    <message>
        <source>A model that runs here needs no key and no connection. Weir starts it when you first ask it.</source>
        <translation>Un modelo que funciona aquí no necesita clave ni conexión. Weir lo inicia cuando se le pregunta por primera vez.</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Choose a GGUF file</source>
        <translation>Elegir un archivo GGUF</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>Elegir un archivo GGUF…</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Contexto</translation>
    </message>
    <message>
        <source>Demo model</source>
        <translation>Modelo de demostración</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Archivo</translation>
    </message>
    <message>
        <source>In use</source>
        <extracomment>A model that is in use now</extracomment>
        <translation>En uso</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Licencia</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>Modelos (*.gguf)</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>En este equipo</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Leyendo…</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>Small and fast, for trying things out. What it says is often wrong.</source>
        <translation>Pequeño y rápido, para probar cosas. Lo que dice es a menudo erróneo.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Usarlo</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>Usar este modelo</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>no se indica</translation>
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
        <translation>Modelo de demostración, falla a menudo</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>Cifras de la respuesta</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>primer token {time}</translation>
    </message>
    <message>
        <source>on this computer</source>
        <translation>en este equipo</translation>
    </message>
    <message>
        <source>waiting {time}</source>
        <translation>esperando {time}</translation>
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
        <translation>Quitar {name}</translation>
    </message>
</context>
<context>
    <name>ModelPopup</name>
    <message>
        <source>Add an endpoint…</source>
        <translation>Añadir punto de conexión…</translation>
    </message>
    <message>
        <source>By its name</source>
        <translation>Por su nombre</translation>
    </message>
    <message>
        <source>Find a model, or type its name</source>
        <translation>Busca un modelo o escribe su nombre</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>No models listed yet. Type a name, or refresh.</source>
        <translation>Aún no hay modelos en la lista. Escribe un nombre o actualiza.</translation>
    </message>
    <message>
        <source>Not refreshed. {why}</source>
        <translation>Sin actualizar. {why}</translation>
    </message>
    <message>
        <source>Refresh</source>
        <extracomment>On a button: ask for the list of models again</extracomment>
        <translation>Actualizar</translation>
    </message>
    <message>
        <source>Use “{model}” at {endpoint}</source>
        <translation>Usar «{model}» en {endpoint}</translation>
    </message>
</context>
<context>
    <name>ModelQuestion</name>
    <message>
        <source>Try again with which model?</source>
        <translation>¿Con qué modelo reintentar?</translation>
    </message>
</context>
<context>
    <name>Network</name>
    <message>
        <source>A SOCKS proxy takes names and passwords of at most 255 letters.</source>
        <translation>Un proxy SOCKS admite nombres y contraseñas de 255 letras como máximo.</translation>
    </message>
    <message>
        <source>A proxy’s address begins with http://, https://, socks5:// or socks5h://.</source>
        <translation>La dirección de un proxy empieza por http://, https://, socks5:// o socks5h://.</translation>
    </message>
    <message>
        <source>Begin the address with socks5:// if the proxy speaks SOCKS 5; SOCKS 4 can’t be used.</source>
        <translation>Empieza la dirección por socks5:// si el proxy habla SOCKS 5; SOCKS 4 no se puede usar.</translation>
    </message>
    <message>
        <source>Check this computer’s clock.</source>
        <translation>Comprueba el reloj de este equipo.</translation>
    </message>
    <message>
        <source>Check this computer’s clock; if it is right, the service has to renew its certificate.</source>
        <translation>Comprueba el reloj de este equipo; si está en hora, el servicio tiene que renovar su certificado.</translation>
    </message>
    <message>
        <source>Enter the proxy’s address, like http://proxy.example:8080.</source>
        <translation>Introduce la dirección del proxy, como http://proxy.example:8080.</translation>
    </message>
    <message>
        <source>If the server is yours, name its certificate’s file under Settings, Network.</source>
        <translation>Si el servidor es tuyo, indica el archivo de su certificado en Ajustes, Red.</translation>
    </message>
    <message>
        <source>If you trust who issued it, name the file of that authority under Settings, Network.</source>
        <translation>Si confías en quien lo emitió, indica el archivo de esa autoridad en Ajustes, Red.</translation>
    </message>
    <message>
        <source>Leave out what follows the port in the proxy’s address.</source>
        <translation>Quita lo que sigue al puerto en la dirección del proxy.</translation>
    </message>
    <message>
        <source>Nothing is listening at {name}.</source>
        <translation>Nada escucha en {name}.</translation>
    </message>
    <message>
        <source>Something on the way shows its own: name its authority’s file under Settings, Network.</source>
        <translation>Algo en el camino muestra el suyo propio: indica el archivo de su autoridad en Ajustes, Red.</translation>
    </message>
    <message>
        <source>The answer could not be unpacked.</source>
        <translation>No se pudo descomprimir la respuesta.</translation>
    </message>
    <message>
        <source>The certificate is for another name: check the address.</source>
        <translation>El certificado es de otro nombre: comprueba la dirección.</translation>
    </message>
    <message>
        <source>The certificates in {ca_file} are damaged. Ask for the file again.</source>
        <translation>Los certificados de {ca_file} están dañados. Pide el archivo de nuevo.</translation>
    </message>
    <message>
        <source>The certificates of this system could not be read: {reason}</source>
        <translation>No se pudieron leer los certificados de este sistema: {reason}</translation>
    </message>
    <message>
        <source>The endpoint's extra fields hold something that JSON can't.</source>
        <translation>Los campos adicionales del punto de conexión contienen algo que JSON no admite.</translation>
    </message>
    <message>
        <source>The name in the proxy’s address can’t be that of a computer.</source>
        <translation>El nombre en la dirección del proxy no puede ser el de un equipo.</translation>
    </message>
    <message>
        <source>The name of one of the endpoint's headers has characters that can't be sent.</source>
        <translation>El nombre de una cabecera del punto de conexión tiene caracteres que no se pueden enviar.</translation>
    </message>
    <message>
        <source>The network is unreachable.</source>
        <translation>No se puede acceder a la red.</translation>
    </message>
    <message>
        <source>The port in the proxy’s address has to be a number from 1 to 65535.</source>
        <translation>El puerto en la dirección del proxy debe ser un número del 1 al 65535.</translation>
    </message>
    <message>
        <source>The port is missing: a proxy’s address ends like :8080.</source>
        <translation>Falta el puerto: la dirección de un proxy termina como :8080.</translation>
    </message>
    <message>
        <source>The proxy answered {status}.</source>
        <translation>El proxy respondió {status}.</translation>
    </message>
    <message>
        <source>The proxy asks for a name and password. Put them into its address under Settings, Network: http://name:password@…</source>
        <translation>El proxy pide nombre y contraseña. Ponlos en su dirección en Ajustes, Red: http://name:password@…</translation>
    </message>
    <message>
        <source>The proxy could not reach {host}: {reason}.</source>
        <translation>El proxy no pudo contactar con {host}: {reason}.</translation>
    </message>
    <message>
        <source>The proxy did not accept the name and password. Enter them again under Settings, Network.</source>
        <translation>El proxy no aceptó el nombre y la contraseña. Introdúcelos de nuevo en Ajustes, Red.</translation>
    </message>
    <message>
        <source>The proxy named in the environment can’t be used: {error}</source>
        <translation>El proxy indicado en el entorno no se puede usar: {error}</translation>
    </message>
    <message>
        <source>The proxy’s address has to look like http://proxy.example:8080.</source>
        <translation>La dirección del proxy debe tener la forma http://proxy.example:8080.</translation>
    </message>
    <message>
        <source>The proxy’s name and password stand in a file. Enter the proxy anew under Settings, Network.</source>
        <translation>El nombre y la contraseña del proxy están en un archivo. Introduce de nuevo el proxy en Ajustes, Red.</translation>
    </message>
    <message>
        <source>The proxy’s name or password holds characters that can’t be sent.</source>
        <translation>El nombre o la contraseña del proxy contienen caracteres que no se pueden enviar.</translation>
    </message>
    <message>
        <source>The proxy’s name {host} was not found.</source>
        <translation>No se encontró el nombre del proxy, {host}.</translation>
    </message>
    <message>
        <source>The request could not be put into HTTP.</source>
        <translation>La solicitud no se pudo expresar en HTTP.</translation>
    </message>
    <message>
        <source>The server does not speak TLS at this port. Perhaps the address should start with http://.</source>
        <translation>El servidor no habla TLS en este puerto. Quizá la dirección deba empezar por http://.</translation>
    </message>
    <message>
        <source>The server sends on in a circle.</source>
        <translation>El servidor remite en círculo.</translation>
    </message>
    <message>
        <source>The server sends on to {host}. Put that address into the endpoint if you trust it.</source>
        <translation>El servidor remite a {host}. Pon esa dirección en el punto de conexión si confías en ella.</translation>
    </message>
    <message>
        <source>The server sent too much: {error}.</source>
        <translation>El servidor envió demasiado: {error}.</translation>
    </message>
    <message>
        <source>The value of the header {name} has characters that can't be sent.</source>
        <translation>El valor de la cabecera {name} tiene caracteres que no se pueden enviar.</translation>
    </message>
    <message>
        <source>There is a space in the proxy’s address.</source>
        <translation>Hay un espacio en la dirección del proxy.</translation>
    </message>
    <message>
        <source>There is no file {ca_file}. Choose the file of certificates again.</source>
        <translation>No existe el archivo {ca_file}. Vuelve a elegir el archivo de certificados.</translation>
    </message>
    <message>
        <source>This is an automatic configuration file (PAC), which can’t be used. Enter the proxy it names.</source>
        <translation>Este es un archivo de configuración automática (PAC), que no se puede usar. Introduce el proxy que indica.</translation>
    </message>
    <message>
        <source>This is the certificate of the proxy. {words}</source>
        <translation>Este es el certificado del proxy. {words}</translation>
    </message>
    <message>
        <source>What answers at {name} is no {scheme} proxy, or it closed the connection.</source>
        <translation>Lo que responde en {name} no es un proxy {scheme}, o cerró la conexión.</translation>
    </message>
    <message>
        <source>a single record is larger than {limit} MB</source>
        <translation>un solo registro supera los {limit} MB</translation>
    </message>
    <message>
        <source>{ca_file} can’t be read ({reason}). Check its permissions.</source>
        <translation>No se puede leer {ca_file} ({reason}). Comprueba sus permisos.</translation>
    </message>
    <message>
        <source>{ca_file} holds a private key, not certificates. Choose the certificate of the authority.</source>
        <translation>{ca_file} contiene una clave privada, no certificados. Elige el certificado de la autoridad.</translation>
    </message>
    <message>
        <source>{ca_file} holds no certificates in PEM form, which begin with “-----BEGIN CERTIFICATE-----”.</source>
        <translation>{ca_file} no contiene certificados en formato PEM, que empiezan por «-----BEGIN CERTIFICATE-----».</translation>
    </message>
    <message>
        <source>{ca_file} is a folder. Choose the file of certificates in it.</source>
        <translation>{ca_file} es una carpeta. Elige el archivo de certificados que contiene.</translation>
    </message>
    <message>
        <source>{name} did not answer in time.</source>
        <translation>{name} no respondió a tiempo.</translation>
    </message>
    <message>
        <source>{name} names {value}, which does not exist.</source>
        <translation>{name} indica {value}, que no existe.</translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>A file of certificates (PEM) that are trusted beside the system’s, for instance your company’s. Leave it empty where none is needed.</source>
        <translation>Un archivo de certificados (PEM) en los que se confía además de los del sistema, por ejemplo los de tu empresa. Déjalo vacío si no hace falta.</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>Certificados</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>Cuánto esperar</translation>
    </message>
    <message>
        <source>How services are reached. Servers on this computer are always asked directly, and an endpoint can have a way of its own.</source>
        <translation>Cómo se accede a los servicios. A los servidores de este equipo se les pregunta siempre directamente, y un punto de conexión puede tener su propia vía.</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Red</translation>
    </message>
    <message>
        <source>Not used yet: enter its address.</source>
        <translation>Sin usar todavía: introduce su dirección.</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>{problem} Until then requests go as before.</source>
        <translation>{problem} Hasta entonces las solicitudes van como antes.</translation>
    </message>
</context>
<context>
    <name>NetworkText</name>
    <message>
        <source>“{text}” has to be a number of seconds from {least} to {most}.</source>
        <translation>«{text}» debe ser un número de segundos de {least} a {most}.</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Put this notice away</source>
        <translation>Quitar este aviso</translation>
    </message>
</context>
<context>
    <name>Notifier</name>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
    <message>
        <source>The reply of {model} failed.</source>
        <translation>La respuesta de {model} falló.</translation>
    </message>
    <message>
        <source>{model} has replied.</source>
        <translation>{model} ha respondido.</translation>
    </message>
</context>
<context>
    <name>Offers</name>
    <message>
        <source>Favourites</source>
        <translation>Favoritos</translation>
    </message>
    <message>
        <source>Used last</source>
        <translation>Últimos usados</translation>
    </message>
</context>
<context>
    <name>OnceChip</name>
    <message>
        <source>@{model} at {endpoint} answers this once</source>
        <translation>@{model} en {endpoint} responde solo a esto</translation>
    </message>
    <message>
        <source>Back to the conversation’s own model</source>
        <translation>Volver al modelo de la conversación</translation>
    </message>
</context>
<context>
    <name>OptionField</name>
    <message>
        <source>Left to the service</source>
        <translation>Lo decide el servicio</translation>
    </message>
    <message>
        <source>None</source>
        <comment>system prompt</comment>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>Not sent</source>
        <translation>No se envía</translation>
    </message>
    <message>
        <source>Until then it is left to the service.</source>
        <translation>Hasta entonces lo decide el servicio.</translation>
    </message>
</context>
<context>
    <name>Options</name>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>Debe estar entre 0 y {most}.</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>Debe ser {least} o más.</translation>
    </message>
    <message>
        <source>No model writes that much.</source>
        <translation>Ningún modelo escribe tanto.</translation>
    </message>
    <message>
        <source>This is not a number.</source>
        <translation>Esto no es un número.</translation>
    </message>
    <message>
        <source>This is not a whole number.</source>
        <translation>Esto no es un número entero.</translation>
    </message>
    <message>
        <source>This number is too large.</source>
        <translation>Este número es demasiado grande.</translation>
    </message>
</context>
<context>
    <name>OptionsPanel</name>
    <message>
        <source>All at once, when it is done</source>
        <translation>De una vez, al terminar</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>A medida que llega</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Todo lo posible</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the panel</extracomment>
        <translation>Listo</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Alto</translation>
    </message>
    <message>
        <source>It is kept, but not sent.</source>
        <translation>Se conserva, pero no se envía.</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>Lo decide el servicio</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>Respuesta más larga, en tokens</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Bajo</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Medio</translation>
    </message>
    <message>
        <source>Minimal</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Mínimo</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>Opciones de esta conversación</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Razonamiento</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>Razonamiento, en tokens</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Restablecer todo</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Semilla</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>Parar en estos textos, uno por línea</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Prompt de sistema</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatura</translation>
    </message>
    <message>
        <source>The number of tokens counts instead.</source>
        <translation>En su lugar cuenta el número de tokens.</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>La respuesta se muestra</translation>
    </message>
    <message>
        <source>They go with every prompt from now on, here for {model}.</source>
        <translation>Desde ahora acompañan a cada prompt, aquí para {model}.</translation>
    </message>
    <message>
        <source>They go with every prompt from now on.</source>
        <translation>Desde ahora acompañan a cada prompt.</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Muy alto</translation>
    </message>
</context>
<context>
    <name>Outside</name>
    <message>
        <source>Desktop</source>
        <translation>Escritorio</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Pregunta rápida</translation>
    </message>
    <message>
        <source>Settings: Desktop</source>
        <translation>Ajustes: Escritorio</translation>
    </message>
    <message>
        <source>notifications tray background quick question</source>
        <translation>notificaciones bandeja segundo plano pregunta rápida</translation>
    </message>
    <message>
        <source>small window ask</source>
        <translation>ventana pequeña preguntar</translation>
    </message>
</context>
<context>
    <name>OwnForm</name>
    <message>
        <source>A JSON pointer to the text in each record that comes back. Leave it empty where Weir finds the text by itself, as in the usual forms.</source>
        <translation>Un puntero JSON al texto de cada registro que llega. Déjalo vacío si Weir encuentra el texto por sí mismo, como en las formas habituales.</translation>
    </message>
    <message>
        <source>A form of your own</source>
        <translation>Una forma propia</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Método</translation>
    </message>
    <message>
        <source>Where the text is</source>
        <translation>Dónde está el texto</translation>
    </message>
</context>
<context>
    <name>OwnWay</name>
    <message>
        <source>A PEM file that is trusted for this endpoint, in place of the one under Network.</source>
        <translation>Un archivo PEM en el que se confía para este punto de conexión, en lugar del indicado en Red.</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>Archivo de certificados</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>Cuánto esperar</translation>
    </message>
    <message>
        <source>Network…</source>
        <translation>Red…</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Shows proxy, certificates and waits of this endpoint</source>
        <translation>Muestra el proxy, los certificados y las esperas de este punto de conexión</translation>
    </message>
    <message>
        <source>What is left empty is as under Settings, Network.</source>
        <translation>Lo que se deja vacío es como en Ajustes, Red.</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>An action, a conversation or a model</source>
        <translation>Una acción, una conversación o un modelo</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>Archivadas</translation>
    </message>
    <message>
        <source>Do or open anything</source>
        <translation>Hacer o abrir cualquier cosa</translation>
    </message>
    <message>
        <source>Done lately</source>
        <translation>Hecho recientemente</translation>
    </message>
    <message>
        <source>Latest conversations</source>
        <translation>Últimas conversaciones</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>No hay nada con ese nombre.</translation>
    </message>
    <message>
        <source>What fits</source>
        <translation>Lo que coincide</translation>
    </message>
    <message>
        <source>conversation</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>conversación</translation>
    </message>
    <message>
        <source>model</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>modelo</translation>
    </message>
    <message>
        <source>not possible now</source>
        <translation>ahora no es posible</translation>
    </message>
</context>
<context>
    <name>PersonaButton</name>
    <message>
        <source>Edit personas…</source>
        <translation>Editar personajes…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>Persona: none</source>
        <translation>Personaje: ninguno</translation>
    </message>
    <message>
        <source>Persona: {name}</source>
        <translation>Personaje: {name}</translation>
    </message>
</context>
<context>
    <name>PersonaField</name>
    <message>
        <source>Edit personas…</source>
        <translation>Editar personajes…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>Personaje</translation>
    </message>
    <message>
        <source>These values are this conversation’s own by now.</source>
        <translation>Estos valores son ya propios de esta conversación.</translation>
    </message>
    <message>
        <source>This conversation keeps these values, whatever the persona becomes.</source>
        <translation>Esta conversación conserva estos valores aunque cambie el personaje.</translation>
    </message>
    <message>
        <source>{name}, as it was</source>
        <translation>{name}, como era</translation>
    </message>
</context>
<context>
    <name>Personas</name>
    <message>
        <source>A conversation that was started before keeps the values that it has.</source>
        <translation>Una conversación empezada antes conserva los valores que tiene.</translation>
    </message>
    <message>
        <source>A persona is a system prompt with a name, and the model and options that go with it. A conversation takes its values over; changing the persona later does not change the conversation.</source>
        <translation>Un personaje es un prompt de sistema con un nombre, y el modelo y las opciones que lo acompañan. La conversación toma sus valores; cambiar después el personaje no cambia la conversación.</translation>
    </message>
    <message>
        <source>A persona needs a name.</source>
        <translation>Un personaje necesita un nombre.</translation>
    </message>
    <message>
        <source>All at once, when it is done</source>
        <translation>De una vez, al terminar</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>A medida que llega</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Todo lo posible</translation>
    </message>
    <message>
        <source>For new conversations</source>
        <translation>Para conversaciones nuevas</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Alto</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>Lo decide el servicio</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>Respuesta más larga, en tokens</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Bajo</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Medio</translation>
    </message>
    <message>
        <source>Minimal</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Mínimo</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>New persona</source>
        <translation>Nuevo personaje</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>Nothing set</source>
        <translation>Nada definido</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>Personajes</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Razonamiento</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>Razonamiento, en tokens</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Semilla</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>Parar en estos textos, uno por línea</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Prompt de sistema</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatura</translation>
    </message>
    <message>
        <source>The one chosen at the top</source>
        <translation>El elegido arriba</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>La respuesta se muestra</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>Muy alto</translation>
    </message>
</context>
<context>
    <name>PickerButton</name>
    <message>
        <source>Choose a model</source>
        <translation>Elegir un modelo</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>Modelo: {name}</translation>
    </message>
</context>
<context>
    <name>Picture</name>
    <message>
        <source>larger than {size}</source>
        <translation>mayor que {size}</translation>
    </message>
    <message>
        <source>not a picture of a kind that is shown</source>
        <translation>no es una imagen de un tipo que se muestre</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>ya no existe</translation>
    </message>
    <message>
        <source>the server answered {status}</source>
        <translation>el servidor respondió {status}</translation>
    </message>
    <message>
        <source>the server can’t be reached</source>
        <translation>no se puede contactar con el servidor</translation>
    </message>
    <message>
        <source>the server refuses it</source>
        <translation>el servidor la rechaza</translation>
    </message>
    <message>
        <source>the server sends on to another</source>
        <translation>el servidor remite a otro</translation>
    </message>
</context>
<context>
    <name>PlaceHead</name>
    <message>
        <source>All conversations</source>
        <translation>Todas las conversaciones</translation>
    </message>
    <message>
        <source>Empty…</source>
        <extracomment>What is done, on a button: delete what is in the bin</extracomment>
        <translation>Vaciar…</translation>
    </message>
</context>
<context>
    <name>PlaceList</name>
    <message>
        <source>Delete the folder, keep its conversations</source>
        <translation>Eliminar la carpeta, conservar sus conversaciones</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Carpetas</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Renombrar…</translation>
    </message>
</context>
<context>
    <name>Placeholder</name>
    <message>
        <source>A problem</source>
        <translation>Un problema</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Archivo</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Imagen</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Grabación</translation>
    </message>
    <message>
        <source>Something else</source>
        <translation>Otra cosa</translation>
    </message>
    <message>
        <source>audio</source>
        <translation>audio</translation>
    </message>
    <message>
        <source>code that the service ran</source>
        <translation>código que ejecutó el servicio</translation>
    </message>
    <message>
        <source>content</source>
        <translation>contenido</translation>
    </message>
    <message>
        <source>file</source>
        <translation>archivo</translation>
    </message>
    <message>
        <source>hidden reasoning</source>
        <translation>razonamiento oculto</translation>
    </message>
    <message>
        <source>image</source>
        <translation>imagen</translation>
    </message>
    <message>
        <source>result of the code</source>
        <translation>resultado del código</translation>
    </message>
    <message>
        <source>video</source>
        <translation>vídeo</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>Conversations</source>
        <translation>Conversaciones</translation>
    </message>
    <message>
        <source>Endpoints, without keys</source>
        <translation>Puntos de conexión, sin claves</translation>
    </message>
    <message>
        <source>Log, without texts and keys</source>
        <translation>Registro del programa, sin textos ni claves</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>Personajes</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>Prompts</translation>
    </message>
    <message>
        <source>Reports of crashes, which are sent nowhere</source>
        <translation>Informes de fallos, que no se envían a ninguna parte</translation>
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
        <translation>Nuevo prompt</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>Prompts</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Texto</translation>
    </message>
    <message>
        <source>Texts to be used again. Type / in an empty line where you write, and choose one.</source>
        <translation>Textos para volver a usar. Escribe / en una línea vacía donde redactas y elige uno.</translation>
    </message>
    <message>
        <source>There is no text yet.</source>
        <translation>Todavía no hay texto.</translation>
    </message>
    <message>
        <source>To fill in: {names}</source>
        <translation>Por rellenar: {names}</translation>
    </message>
    <message>
        <source>Translate into {{language=English}}: {{text}}</source>
        <translation>Traduce al {{idioma=español}}: {{texto}}</translation>
    </message>
    <message>
        <source>{{topic}} is a place to fill in, under any name; {{language=English}} is filled in already and may be changed; {{clipboard}} is what was copied last, {{date}} the date of the day.</source>
        <translation>{{tema}} es un hueco por rellenar, con cualquier nombre; {{idioma=español}} ya viene relleno y se puede cambiar; {{clipboard}} es lo último que se copió, y {{date}}, la fecha del día.</translation>
    </message>
</context>
<context>
    <name>Provider</name>
    <message>
        <source>Google did not let this prompt through ({reason}).</source>
        <translation>Google no dejó pasar este prompt ({reason}).</translation>
    </message>
    <message>
        <source>It did not say where the reply will be.</source>
        <translation>No indicó dónde estará la respuesta.</translation>
    </message>
    <message>
        <source>It failed and gave no reason.</source>
        <translation>Falló y no indicó el motivo.</translation>
    </message>
    <message>
        <source>It gave no reason.</source>
        <translation>No indicó el motivo.</translation>
    </message>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>Debe estar entre 0 y {most}.</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>Debe ser {least} o más.</translation>
    </message>
    <message>
        <source>Not known to {title}.</source>
        <translation>{title} no lo conoce.</translation>
    </message>
    <message>
        <source>Not together with reasoning.</source>
        <translation>No junto con el razonamiento.</translation>
    </message>
    <message>
        <source>The demo model does not reason.</source>
        <translation>El modelo de demostración no razona.</translation>
    </message>
    <message>
        <source>The endpoint’s form has no {place}.</source>
        <translation>La forma del punto de conexión no tiene {place}.</translation>
    </message>
    <message>
        <source>The flow decides this by itself.</source>
        <translation>El flujo de trabajo lo decide por sí mismo.</translation>
    </message>
    <message>
        <source>The key for the header {header} is missing.</source>
        <translation>Falta la clave de la cabecera {header}.</translation>
    </message>
    <message>
        <source>The key holds characters that can't be sent. Copy it again, without quotes or line breaks.</source>
        <translation>La clave contiene caracteres que no se pueden enviar. Cópiala de nuevo, sin comillas ni saltos de línea.</translation>
    </message>
    <message>
        <source>The list of releases</source>
        <translation>La lista de versiones</translation>
    </message>
    <message>
        <source>The model's server ended the reply with an error.</source>
        <translation>El servidor del modelo terminó la respuesta con un error.</translation>
    </message>
    <message>
        <source>The prediction ended with an error.</source>
        <translation>La predicción terminó con un error.</translation>
    </message>
    <message>
        <source>The prediction failed.</source>
        <translation>La predicción falló.</translation>
    </message>
    <message>
        <source>Together with reasoning it has to be 0.95 or more.</source>
        <translation>Junto con el razonamiento debe ser 0,95 o más.</translation>
    </message>
    <message>
        <source>the model on this computer</source>
        <translation>el modelo de este equipo</translation>
    </message>
    <message>
        <source>your own form</source>
        <translation>tu propia forma</translation>
    </message>
    <message>
        <source>{model} does not stream. Its replies come at once.</source>
        <translation>{model} no transmite en flujo. Sus respuestas llegan de una vez.</translation>
    </message>
    <message>
        <source>{model} does not take it.</source>
        <translation>{model} no lo admite.</translation>
    </message>
    <message>
        <source>“{provider}” is not known.</source>
        <translation>«{provider}» no se conoce.</translation>
    </message>
</context>
<context>
    <name>ProxyFields</name>
    <message>
        <source>Address of the proxy</source>
        <translation>Dirección del proxy</translation>
    </message>
    <message>
        <source>As under Settings, Network</source>
        <translation>Como en Ajustes, Red</translation>
    </message>
    <message>
        <source>Begins with http://, https://, socks5:// or socks5h:// and ends in the port. If it wants a login, type http://name:password@proxy.example:8080; name and password go into the keyring.</source>
        <translation>Empieza por http://, https://, socks5:// o socks5h:// y termina en el puerto. Si pide inicio de sesión, escribe http://name:password@proxy.example:8080; el nombre y la contraseña se guardan en el llavero.</translation>
    </message>
    <message>
        <source>Its name and password are in memory, for this run only.</source>
        <translation>Su nombre y su contraseña están en memoria, solo durante esta ejecución.</translation>
    </message>
    <message>
        <source>Its name and password are in the keyring. Type the address with new ones to replace them.</source>
        <translation>Su nombre y su contraseña están en el llavero. Escribe la dirección con otros nuevos para reemplazarlos.</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Como el sistema</translation>
    </message>
    <message>
        <source>No proxy</source>
        <translation>Sin proxy</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Remove name and password</source>
        <translation>Quitar nombre y contraseña</translation>
    </message>
    <message>
        <source>Straight to the service, whatever the system says.</source>
        <translation>Directo al servicio, diga lo que diga el sistema.</translation>
    </message>
    <message>
        <source>The variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, on macOS and Windows the system’s settings too.</source>
        <translation>Las variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY y NO_PROXY; en macOS y Windows, también los ajustes del sistema.</translation>
    </message>
    <message>
        <source>This proxy</source>
        <translation>Este proxy</translation>
    </message>
</context>
<context>
    <name>QuickQuestion</name>
    <message>
        <source>Choose a model first.</source>
        <translation>Elige antes un modelo.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>Tus puntos de conexión se están leyendo todavía. Vuelve a enviar en un momento.</translation>
    </message>
</context>
<context>
    <name>QuickWindow</name>
    <message>
        <source>Ask anything</source>
        <translation>Pregunta lo que quieras</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>Adjuntar archivos</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>Copy reply</source>
        <translation>Copiar respuesta</translation>
    </message>
    <message>
        <source>New question</source>
        <translation>Nueva pregunta</translation>
    </message>
    <message>
        <source>Open in Weir</source>
        <translation>Abrir en Weir</translation>
    </message>
    <message>
        <source>Quick question – Weir</source>
        <translation>Pregunta rápida – Weir</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>Responder…</translation>
    </message>
    <message>
        <source>The reply was copied.</source>
        <translation>La respuesta se ha copiado.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. This is sent in a moment.</source>
        <translation>Tus puntos de conexión se están leyendo todavía. Esto se enviará en un momento.</translation>
    </message>
</context>
<context>
    <name>RecordModel</name>
    <message>
        <source>Became</source>
        <extracomment>Over a column: what Weir made of a record</extracomment>
        <translation>Resultado</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Evento</translation>
    </message>
    <message>
        <source>Gap</source>
        <extracomment>Over a column: the time between a record and the one before</extracomment>
        <translation>Pausa</translation>
    </message>
    <message>
        <source>Record {number} after {time}, {size}: {became}</source>
        <translation>Registro {number} después de {time}, {size}: {became}</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>Time</source>
        <extracomment>Over a column: when a record came, after the request</extracomment>
        <translation>Tiempo</translation>
    </message>
</context>
<context>
    <name>RecordPage</name>
    <message>
        <source>As it came</source>
        <translation>Tal como llegó</translation>
    </message>
    <message>
        <source>Choose a record in the list.</source>
        <translation>Elige un registro de la lista.</translation>
    </message>
    <message>
        <source>Event “{event}”.</source>
        <translation>Evento «{event}».</translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation>Nada.</translation>
    </message>
    <message numerus="yes">
        <source>Record {number}: after {time}, {gap} after the one before; {size} in %n read(s).</source>
        <extracomment>A read is one portion of bytes as it came over the connection</extracomment>
        <translation>
            <numerusform>Registro {number}: después de {time}, {gap} tras el anterior; {size} en %n lectura.</numerusform>
            <numerusform>Registro {number}: después de {time}, {gap} tras el anterior; {size} en %n lecturas.</numerusform>
        </translation>
    </message>
    <message>
        <source>What it became</source>
        <translation>En qué se convirtió</translation>
    </message>
</context>
<context>
    <name>RecordView</name>
    <message>
        <source>Records</source>
        <translation>Registros</translation>
    </message>
    <message>
        <source>The record was copied.</source>
        <translation>El registro se ha copiado.</translation>
    </message>
</context>
<context>
    <name>Recorder</name>
    <message>
        <source>Press the new keys. Escape leaves them as they are.</source>
        <translation>Pulsa las teclas nuevas. Esc las deja como están.</translation>
    </message>
</context>
<context>
    <name>RowDelegate</name>
    <message>
        <source>Title of the conversation</source>
        <translation>Título de la conversación</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>Archive</source>
        <comment>what is done</comment>
        <extracomment>What is done: put conversations into the archive</extracomment>
        <translation>Archivar</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Eliminar</translation>
    </message>
    <message>
        <source>Delete for good…</source>
        <translation>Eliminar definitivamente…</translation>
    </message>
    <message>
        <source>Move to</source>
        <translation>Mover a</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>Nombre de la carpeta</translation>
    </message>
    <message>
        <source>Name of the tag</source>
        <translation>Nombre de la etiqueta</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Nueva carpeta</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Nueva carpeta…</translation>
    </message>
    <message>
        <source>New tag</source>
        <translation>Nueva etiqueta</translation>
    </message>
    <message>
        <source>New tag…</source>
        <translation>Nueva etiqueta…</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>Sin carpeta</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>Fijar</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Renombrar</translation>
    </message>
    <message>
        <source>Restore</source>
        <extracomment>What is done: take conversations out of the bin</extracomment>
        <translation>Restaurar</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Etiquetas</translation>
    </message>
    <message>
        <source>Take out of the archive</source>
        <extracomment>What is done: show archived conversations in the list again</extracomment>
        <translation>Desarchivar</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>Desfijar</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search</source>
        <translation>Buscar</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>Buscar en todo</translation>
    </message>
</context>
<context>
    <name>Serving</name>
    <message>
        <source>The message and what follows it were deleted.</source>
        <translation>Se eliminaron el mensaje y lo que le sigue.</translation>
    </message>
    <message>
        <source>The message was deleted.</source>
        <translation>Se eliminó el mensaje.</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>About</source>
        <translation>Acerca de</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aspecto</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Datos</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>Puntos de conexión</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Teclado</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Red</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>En este equipo</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Páginas</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>Personajes</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>Prompts</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted for good.</source>
        <translation>
            <numerusform>Se ha eliminado definitivamente %n conversación.</numerusform>
            <numerusform>Se han eliminado definitivamente %n conversaciones.</numerusform>
        </translation>
    </message>
    <message>
        <source>Emptying the bin</source>
        <translation>Vaciando la papelera</translation>
    </message>
    <message numerus="yes">
        <source>Emptying the bin: %n deleted</source>
        <translation>
            <numerusform>Vaciando la papelera: %n eliminada</numerusform>
            <numerusform>Vaciando la papelera: %n eliminadas</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ShelfRow</name>
    <message>
        <source>Go to this row</source>
        <translation>Ir a esta fila</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>Más acciones</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>on screen</source>
        <translation>en pantalla</translation>
    </message>
</context>
<context>
    <name>ShelfRows</name>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
</context>
<context>
    <name>ShelfView</name>
    <message>
        <source>Conversations</source>
        <translation>Conversaciones</translation>
    </message>
    <message>
        <source>Kept for 30 days</source>
        <translation>Se conserva 30 días</translation>
    </message>
    <message>
        <source>Pinned</source>
        <extracomment>Over the conversations that are kept at the top</extracomment>
        <translation>Fijadas</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <extracomment>The seven days before yesterday</extracomment>
        <translation>7 días anteriores</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Hoy</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Ayer</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Always so: the list of conversations</source>
        <translation>Siempre así: la lista de conversaciones</translation>
    </message>
    <message>
        <source>Always so: the transcript</source>
        <translation>Siempre así: el texto de la conversación</translation>
    </message>
    <message>
        <source>Always so: writing</source>
        <translation>Siempre así: la escritura</translation>
    </message>
    <message>
        <source>Arrows</source>
        <extracomment>The four arrow keys</extracomment>
        <translation>Flechas</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Cambiar…</translation>
    </message>
    <message>
        <source>Choose several</source>
        <translation>Elegir varias</translation>
    </message>
    <message>
        <source>Copy, select all</source>
        <translation>Copiar, seleccionar todo</translation>
    </message>
    <message>
        <source>Extend the selection</source>
        <translation>Ampliar la selección</translation>
    </message>
    <message>
        <source>Find a shortcut</source>
        <translation>Buscar un atajo</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Atajos de teclado</translation>
    </message>
    <message>
        <source>Menu</source>
        <extracomment>What a key does: open the menu</extracomment>
        <translation>Menú</translation>
    </message>
    <message>
        <source>New line</source>
        <translation>Línea nueva</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>No hay nada con ese nombre.</translation>
    </message>
    <message>
        <source>Open</source>
        <extracomment>Open the conversation</extracomment>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>Scroll</source>
        <extracomment>What keys do</extracomment>
        <translation>Desplazar</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What a key does</extracomment>
        <translation>Enviar</translation>
    </message>
    <message>
        <source>Shift and arrows</source>
        <translation>Mayús y flechas</translation>
    </message>
    <message>
        <source>Shift or Ctrl and arrows, Space</source>
        <translation>Mayús o Ctrl y flechas, Espacio</translation>
    </message>
    <message>
        <source>Stop, else close what is open</source>
        <translation>Detener; si no, cerrar lo que esté abierto</translation>
    </message>
    <message>
        <source>To a message’s actions, and the next message’s</source>
        <translation>A las acciones de un mensaje, y a las del siguiente</translation>
    </message>
    <message>
        <source>To the next control, and back</source>
        <translation>Al control siguiente, y atrás</translation>
    </message>
</context>
<context>
    <name>ShownModel</name>
    <message>
        <source>Starting the model</source>
        <translation>Iniciando el modelo</translation>
    </message>
    <message>
        <source>The model is ready.</source>
        <translation>El modelo está listo.</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message numerus="yes">
        <source>%n and more found</source>
        <translation>
            <numerusform>%n resultado o más</numerusform>
            <numerusform>%n resultados o más</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n resultado</numerusform>
            <numerusform>%n resultados</numerusform>
        </translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>Archivadas</translation>
    </message>
    <message>
        <source>Bin</source>
        <translation>Papelera</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n conversation(s) for good?</source>
        <translation>
            <numerusform>¿Eliminar definitivamente %n conversación?</numerusform>
            <numerusform>¿Eliminar definitivamente %n conversaciones?</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete everything in the bin for good?</source>
        <translation>¿Eliminar definitivamente todo lo que hay en la papelera?</translation>
    </message>
    <message>
        <source>Delete for good</source>
        <translation>Eliminar definitivamente</translation>
    </message>
    <message>
        <source>Delete this conversation for good?</source>
        <translation>¿Eliminar definitivamente esta conversación?</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Carpetas</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
    <message>
        <source>No conversation has this tag.</source>
        <translation>Ninguna conversación tiene esta etiqueta.</translation>
    </message>
    <message>
        <source>Nothing found. Try fewer or other words.</source>
        <translation>Sin resultados. Prueba con menos palabras o con otras.</translation>
    </message>
    <message>
        <source>Nothing here yet. Drag conversations onto the folder, or use their menu.</source>
        <translation>Aquí no hay nada todavía. Arrastra conversaciones a la carpeta o usa su menú.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>The bin is empty. What you delete is kept here for 30 days.</source>
        <translation>La papelera está vacía. Lo que elimines se conserva aquí 30 días.</translation>
    </message>
    <message>
        <source>This can’t be undone.</source>
        <translation>Esto no se puede deshacer.</translation>
    </message>
    <message>
        <source>What you archive stays out of the way here, and search still finds it.</source>
        <translation>Lo que archives queda aquí sin estorbar, y la búsqueda lo sigue encontrando.</translation>
    </message>
</context>
<context>
    <name>Spelling</name>
    <message>
        <source>Add to the dictionary</source>
        <translation>Añadir al diccionario</translation>
    </message>
    <message>
        <source>Ignore</source>
        <extracomment>What is done: no longer mark a word</extracomment>
        <translation>Ignorar</translation>
    </message>
    <message>
        <source>No suggestions</source>
        <translation>Sin sugerencias</translation>
    </message>
</context>
<context>
    <name>SpellingCard</name>
    <message>
        <source>Looking for dictionaries…</source>
        <translation>Buscando diccionarios…</translation>
    </message>
    <message>
        <source>Mark words that no dictionary knows</source>
        <translation>Marcar las palabras que ningún diccionario conoce</translation>
    </message>
    <message>
        <source>Spelling</source>
        <translation>Ortografía</translation>
    </message>
    <message>
        <source>This system has no dictionary that Weir can use. On Linux it is Enchant 2 with one for Hunspell, for instance libenchant-2-2 and hunspell-en-us on Debian and Ubuntu.</source>
        <translation>Este sistema no tiene ningún diccionario que Weir pueda usar. En Linux se trata de Enchant 2 con uno para Hunspell, por ejemplo libenchant-2-2 y hunspell-es en Debian y Ubuntu.</translation>
    </message>
    <message>
        <source>With this system’s dictionaries: {names}. Nothing leaves this computer.</source>
        <translation>Con los diccionarios de este sistema: {names}. Nada sale de este equipo.</translation>
    </message>
</context>
<context>
    <name>Store</name>
    <message>
        <source>"POST", "PUT" or "GET"</source>
        <translation>"POST", "PUT" o "GET"</translation>
    </message>
    <message>
        <source>"system", "none" or an address like http://proxy.example:8080</source>
        <translation>"system", "none" o una dirección como http://proxy.example:8080</translation>
    </message>
    <message>
        <source>An older Weir is running with this history. Close it, then start this one again.</source>
        <translation>Una versión más antigua de Weir está en marcha con este historial. Ciérrala y vuelve a iniciar esta.</translation>
    </message>
    <message>
        <source>Another Weir has been writing to the history for too long. Close it, then try again.</source>
        <translation>Otro Weir lleva demasiado tiempo escribiendo en el historial. Ciérralo y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>Another Weir is preparing the history. Wait for it, then try again.</source>
        <translation>Otro Weir está preparando el historial. Espera a que acabe y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>Another program holds the history. Close that program, then try again.</source>
        <translation>Otro programa tiene ocupado el historial. Cierra ese programa y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>Here stands only the name of the key in the keyring.</source>
        <translation>Aquí solo figura el nombre de la clave en el llavero.</translation>
    </message>
    <message>
        <source>The disk did not do what was asked of it. Check its free space and its health, then try again.</source>
        <translation>El disco no hizo lo que se le pidió. Comprueba su espacio libre y su estado y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>The disk is full. Make room on it, then try again.</source>
        <translation>El disco está lleno. Libera espacio y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>The file could not be written: {why}.</source>
        <translation>No se pudo escribir el archivo: {why}.</translation>
    </message>
    <message>
        <source>The file where Weir keeps its history belongs to another program. It has not been touched. Move it elsewhere, or start Weir with another data folder.</source>
        <translation>El archivo donde Weir guarda su historial pertenece a otro programa. No se ha tocado. Muévelo a otro lugar o inicia Weir con otra carpeta de datos.</translation>
    </message>
    <message>
        <source>The history can't be opened or changed. Check the permissions of Weir's data folder.</source>
        <translation>El historial no se puede abrir o modificar. Comprueba los permisos de la carpeta de datos de Weir.</translation>
    </message>
    <message>
        <source>The history file is damaged. Start Weir again: the damaged file is then set aside and kept.</source>
        <translation>El archivo del historial está dañado. Vuelve a iniciar Weir: el archivo dañado se aparta entonces y se conserva.</translation>
    </message>
    <message>
        <source>There is no file {name}.</source>
        <translation>No existe el archivo {name}.</translation>
    </message>
    <message>
        <source>This conversation is no longer in the history.</source>
        <translation>Esta conversación ya no está en el historial.</translation>
    </message>
    <message>
        <source>This history was written by a newer version of Weir. It has not been touched. Install the newer version to open it.</source>
        <translation>Este historial lo escribió una versión más nueva de Weir. No se ha tocado. Instala la versión más nueva para abrirlo.</translation>
    </message>
    <message>
        <source>This is too large to be saved.</source>
        <translation>Esto es demasiado grande para guardarlo.</translation>
    </message>
    <message>
        <source>Too many nested values</source>
        <translation>Demasiados valores anidados</translation>
    </message>
    <message>
        <source>Weir is closing; the history can't be read.</source>
        <translation>Weir se está cerrando; no se puede leer el historial.</translation>
    </message>
    <message>
        <source>Weir is closing; this was not saved.</source>
        <translation>Weir se está cerrando; esto no se ha guardado.</translation>
    </message>
    <message>
        <source>Weir is running with this history. Close it first, then try again.</source>
        <translation>Weir está en marcha con este historial. Ciérralo antes y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>Weir made a mistake while it used the history. The log has the details.</source>
        <translation>Weir cometió un error al usar el historial. Los detalles están en el registro del programa.</translation>
    </message>
    <message>
        <source>a JSON object in quotation marks</source>
        <translation>un objeto JSON entre comillas</translation>
    </message>
    <message>
        <source>a JSON pointer, like /data/text</source>
        <translation>un puntero JSON, como /data/text</translation>
    </message>
    <message>
        <source>a list of texts, like ["one", "two"]</source>
        <translation>una lista de textos, como ["uno", "dos"]</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>un número</translation>
    </message>
    <message>
        <source>a number of seconds from {least} to {most}</source>
        <translation>un número de segundos de {least} a {most}</translation>
    </message>
    <message>
        <source>a table, like [endpoint.body]</source>
        <translation>una tabla, como [endpoint.body]</translation>
    </message>
    <message>
        <source>a table, like [endpoint.headers]</source>
        <translation>una tabla, como [endpoint.headers]</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>un número entero</translation>
    </message>
    <message>
        <source>an endpoint needs a name: add name = "…".</source>
        <translation>un punto de conexión necesita un nombre: añade name = "…".</translation>
    </message>
    <message>
        <source>another endpoint has the id “{id}” already. Give this one another id.</source>
        <translation>otro punto de conexión ya tiene el id «{id}». Da a este un id distinto.</translation>
    </message>
    <message>
        <source>another one has the id “{id}” already. Give this one another id.</source>
        <translation>otro ya tiene el id «{id}». Da a este un id distinto.</translation>
    </message>
    <message>
        <source>each begins with [[{kind}]], in double brackets.</source>
        <translation>cada uno empieza por [[{kind}]], entre corchetes dobles.</translation>
    </message>
    <message>
        <source>endpoints begin with [[endpoint]], in double brackets.</source>
        <translation>los puntos de conexión empiezan por [[endpoint]], entre corchetes dobles.</translation>
    </message>
    <message>
        <source>it can't be read ({reason}). Check its permissions.</source>
        <translation>no se puede leer ({reason}). Comprueba sus permisos.</translation>
    </message>
    <message>
        <source>it can't be written ({reason}). Check the free space and the folder's permissions.</source>
        <translation>no se puede escribir ({reason}). Comprueba el espacio libre y los permisos de la carpeta.</translation>
    </message>
    <message>
        <source>it holds text that is not Unicode</source>
        <translation>contiene texto que no es Unicode</translation>
    </message>
    <message>
        <source>it needs a name: add name = "…".</source>
        <translation>necesita un nombre: añade name = "…".</translation>
    </message>
    <message>
        <source>one of {names}</source>
        <translation>uno de {names}</translation>
    </message>
    <message>
        <source>text in quotation marks</source>
        <translation>texto entre comillas</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>el disco no indicó el motivo</translation>
    </message>
    <message>
        <source>the endpoints can't be written as TOML. Nothing was changed.</source>
        <translation>los puntos de conexión no se pueden escribir como TOML. No ha cambiado nada.</translation>
    </message>
    <message>
        <source>the header “{name}” has to be text in quotation marks.</source>
        <translation>la cabecera «{name}» debe ser texto entre comillas.</translation>
    </message>
    <message>
        <source>the name of a key in the keyring, in quotation marks</source>
        <translation>el nombre de una clave del llavero, entre comillas</translation>
    </message>
    <message>
        <source>the name of an entry in the keyring, in quotation marks</source>
        <translation>el nombre de una entrada del llavero, entre comillas</translation>
    </message>
    <message>
        <source>the path of a file, in quotation marks</source>
        <translation>la ruta de un archivo, entre comillas</translation>
    </message>
    <message>
        <source>this can't be written as TOML. Nothing was changed.</source>
        <translation>esto no se puede escribir como TOML. No ha cambiado nada.</translation>
    </message>
    <message>
        <source>this is not UTF-8 text. Save the file as UTF-8, then try again.</source>
        <translation>esto no es texto UTF-8. Guarda el archivo como UTF-8 y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>this is not valid TOML ({reason}). Correct the line, then try again; nothing was changed.</source>
        <translation>esto no es TOML válido ({reason}). Corrige la línea y vuelve a intentarlo; no ha cambiado nada.</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true o false</translation>
    </message>
    <message>
        <source>two endpoints have the same id. Nothing was changed.</source>
        <translation>dos puntos de conexión tienen el mismo id. No ha cambiado nada.</translation>
    </message>
    <message>
        <source>{file}, line {line}: {words}</source>
        <translation>{file}, línea {line}: {words}</translation>
    </message>
    <message>
        <source>{file}: {words}</source>
        <translation>{file}: {words}</translation>
    </message>
    <message>
        <source>“body_json” has to be a JSON object in quotation marks.</source>
        <translation>«body_json» debe ser un objeto JSON entre comillas.</translation>
    </message>
    <message>
        <source>“{name}” has to be {words}.</source>
        <translation>«{name}» debe ser {words}.</translation>
    </message>
    <message>
        <source>“{name}” looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints.</source>
        <translation>«{name}» parece un secreto. Las claves van en el llavero del sistema: quítalo de aquí y añade la clave en Ajustes, Puntos de conexión.</translation>
    </message>
    <message>
        <source>“{name}” of {endpoint} looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints. Nothing was changed.</source>
        <translation>«{name}» de {endpoint} parece un secreto. Las claves van en el llavero del sistema: quítalo de aquí y añade la clave en Ajustes, Puntos de conexión. No ha cambiado nada.</translation>
    </message>
</context>
<context>
    <name>Suggestions</name>
    <message>
        <source>Suggestions</source>
        <translation>Sugerencias</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>There is no summary, and nothing was sent.</source>
        <translation>No hay resumen y no se ha enviado nada.</translation>
    </message>
</context>
<context>
    <name>Telling</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted.</source>
        <translation>
            <numerusform>Se ha eliminado %n conversación.</numerusform>
            <numerusform>Se han eliminado %n conversaciones.</numerusform>
        </translation>
    </message>
    <message>
        <source>A reply has come in “{title}”.</source>
        <translation>Ha llegado una respuesta en «{title}».</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>Mostrar el informe</translation>
    </message>
    <message>
        <source>Something went wrong in Weir last time. A report of it is on this computer; it was sent nowhere.</source>
        <translation>Algo falló en Weir la última vez. Hay un informe en este equipo; no se ha enviado a ninguna parte.</translation>
    </message>
    <message>
        <source>The endpoint “{name}” was removed.</source>
        <translation>Se ha quitado el punto de conexión «{name}».</translation>
    </message>
    <message>
        <source>The folder “{name}” was deleted. What was in it is kept.</source>
        <translation>Se ha eliminado la carpeta «{name}». Se conserva lo que contenía.</translation>
    </message>
    <message>
        <source>The reply in “{title}” failed.</source>
        <translation>La respuesta en «{title}» falló.</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. Keys are kept for this run only.</source>
        <translation>Este equipo no tiene ningún llavero que Weir pueda usar. Las claves se conservan solo durante esta ejecución.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>{endpoint}: {key}.</source>
        <translation>{endpoint}: {key}.</translation>
    </message>
    <message>
        <source>“{title}” was deleted.</source>
        <translation>«{title}» se ha eliminado.</translation>
    </message>
</context>
<context>
    <name>TimeFields</name>
    <message>
        <source>For a connection</source>
        <translation>Para conectar</translation>
    </message>
    <message>
        <source>For the first words</source>
        <translation>Para las primeras palabras</translation>
    </message>
    <message>
        <source>In a silence after them</source>
        <translation>En un silencio posterior</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Segundos</translation>
    </message>
    <message>
        <source>s, from {least} to {most}</source>
        <extracomment>After a field for seconds: the unit, and what may stand in it</extracomment>
        <translation>s, de {least} a {most}</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message numerus="yes">
        <source>%n column(s)</source>
        <translation>
            <numerusform>%n columna</numerusform>
            <numerusform>%n columnas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n línea</numerusform>
            <numerusform>%n líneas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more sentence(s) to read</source>
        <translation>
            <numerusform>%n frase más por leer</numerusform>
            <numerusform>%n frases más por leer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new word(s)</source>
        <translation>
            <numerusform>%n palabra nueva</numerusform>
            <numerusform>%n palabras nuevas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%n fila</numerusform>
            <numerusform>%n filas</numerusform>
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
        <translation>Acciones de: {message}</translation>
    </message>
    <message>
        <source>Can’t be shown: {reason}</source>
        <translation>No se puede mostrar: {reason}</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>Cerrar la búsqueda</translation>
    </message>
    <message>
        <source>Code block</source>
        <translation>Bloque de código</translation>
    </message>
    <message>
        <source>Compare replies</source>
        <translation>Comparar respuestas</translation>
    </message>
    <message>
        <source>Continue</source>
        <extracomment>Have the model write on from where it stopped</extracomment>
        <translation>Continuar</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Conversación</translation>
    </message>
    <message>
        <source>Copied</source>
        <extracomment>Said once a text is on the clipboard</extracomment>
        <translation>Copiado</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Copy as plain text</source>
        <translation>Copiar como texto sin formato</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Copiar código</translation>
    </message>
    <message>
        <source>Copy link address</source>
        <translation>Copiar dirección del enlace</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>Copiar mensaje</translation>
    </message>
    <message>
        <source>Copy message as plain text</source>
        <translation>Copiar mensaje como texto sin formato</translation>
    </message>
    <message>
        <source>Copy message as rich text</source>
        <translation>Copiar mensaje con formato</translation>
    </message>
    <message>
        <source>Copy message with its reasoning</source>
        <translation>Copiar mensaje con su razonamiento</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Eliminar</translation>
    </message>
    <message>
        <source>Edit</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>Editar</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>Archivo sin nombre</translation>
    </message>
    <message>
        <source>Find in the conversation</source>
        <translation>Buscar en la conversación</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>Buscar…</translation>
    </message>
    <message>
        <source>Fork from here</source>
        <extracomment>Go on from this message in a conversation of its own</extracomment>
        <translation>Bifurcar desde aquí</translation>
    </message>
    <message>
        <source>Go to the end</source>
        <translation>Ir al final</translation>
    </message>
    <message>
        <source>Go to this message</source>
        <translation>Ir a este mensaje</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Ocultar</translation>
    </message>
    <message>
        <source>In this message</source>
        <translation>En este mensaje</translation>
    </message>
    <message>
        <source>Inspect the stream</source>
        <translation>Inspeccionar el flujo</translation>
    </message>
    <message>
        <source>Instructions</source>
        <extracomment>Over a message: who wrote it</extracomment>
        <translation>Instrucciones</translation>
    </message>
    <message>
        <source>Interrupted when Weir ended</source>
        <translation>Interrumpida al cerrarse Weir</translation>
    </message>
    <message>
        <source>It asks to wait {time}.</source>
        <translation>Pide esperar {time}.</translation>
    </message>
    <message>
        <source>Line across the page</source>
        <translation>Línea horizontal</translation>
    </message>
    <message numerus="yes">
        <source>List of %n item(s)</source>
        <translation>
            <numerusform>Lista de %n elemento</numerusform>
            <numerusform>Lista de %n elementos</numerusform>
        </translation>
    </message>
    <message>
        <source>Load from {host}</source>
        <translation>Cargar desde {host}</translation>
    </message>
    <message>
        <source>Load picture</source>
        <translation>Cargar imagen</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Cargando…</translation>
    </message>
    <message>
        <source>Message actions</source>
        <translation>Acciones del mensaje</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>Más acciones</translation>
    </message>
    <message>
        <source>New text</source>
        <translation>Texto nuevo</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Coincidencia siguiente</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>Versión siguiente</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>Sin coincidencias</translation>
    </message>
    <message>
        <source>Note {mark}</source>
        <translation>Nota {mark}</translation>
    </message>
    <message>
        <source>Of what is above this line the model sees only a summary</source>
        <translation>De lo que hay sobre esta línea, el modelo solo ve un resumen</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Abrir enlace</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>Abrir ajustes</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Imagen</translation>
    </message>
    <message>
        <source>Picture that can’t be shown</source>
        <translation>Imagen que no se puede mostrar</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>Coincidencia anterior</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>Versión anterior</translation>
    </message>
    <message>
        <source>Quote</source>
        <translation>Cita</translation>
    </message>
    <message>
        <source>Reply</source>
        <extracomment>Over a message whose model is not known</extracomment>
        <translation>Respuesta</translation>
    </message>
    <message>
        <source>Reply finished</source>
        <translation>Respuesta completada</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Guardar</translation>
    </message>
    <message>
        <source>Save code</source>
        <translation>Guardar código</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>Seleccionar todo</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Mostrar</translation>
    </message>
    <message numerus="yes">
        <source>Show all %n line(s)</source>
        <translation>
            <numerusform>Mostrar la línea (%n)</numerusform>
            <numerusform>Mostrar las %n líneas</numerusform>
        </translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>Mostrar menos</translation>
    </message>
    <message>
        <source>Stopped</source>
        <extracomment>Under a reply that the user stopped</extracomment>
        <translation>Detenida</translation>
    </message>
    <message numerus="yes">
        <source>Summary of %n message(s)</source>
        <translation>
            <numerusform>Resumen de %n mensaje</numerusform>
            <numerusform>Resumen de %n mensajes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Summary without the %n oldest message(s)</source>
        <translation>
            <numerusform>Resumen sin el mensaje más antiguo</numerusform>
            <numerusform>Resumen sin los %n mensajes más antiguos</numerusform>
        </translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabla</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>El modelo se negó a responder</translation>
    </message>
    <message>
        <source>The model no longer sees what is above this line</source>
        <translation>El modelo ya no ve lo que hay sobre esta línea</translation>
    </message>
    <message>
        <source>The reply failed.</source>
        <translation>La respuesta falló.</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>Razonando…</translation>
    </message>
    <message>
        <source>Thought for {time}</source>
        <translation>Razonó durante {time}</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <extracomment>Over the reasoning of a model</extracomment>
        <translation>Razonamiento</translation>
    </message>
    <message>
        <source>Tool call: {name}</source>
        <translation>Llamada a herramienta: {name}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Reintentar</translation>
    </message>
    <message>
        <source>Try again with…</source>
        <translation>Reintentar con…</translation>
    </message>
    <message>
        <source>Unwrap</source>
        <extracomment>What is done, on a button: lines of code are not broken where the room ends, or are</extracomment>
        <translation>Sin ajuste</translation>
    </message>
    <message>
        <source>Version {number} of {count}</source>
        <translation>Versión {number} de {count}</translation>
    </message>
    <message>
        <source>Waiting for the first word…</source>
        <translation>Esperando la primera palabra…</translation>
    </message>
    <message>
        <source>Wrap</source>
        <translation>Ajustar</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Tú</translation>
    </message>
    <message>
        <source>can’t be shown here</source>
        <translation>no se puede mostrar aquí</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>primer token {time}</translation>
    </message>
    <message>
        <source>not a picture</source>
        <translation>no es una imagen</translation>
    </message>
    <message>
        <source>text</source>
        <extracomment>The language of a code block that names none</extracomment>
        <translation>texto</translation>
    </message>
    <message>
        <source>{day}, {time}</source>
        <translation>{day}, {time}</translation>
    </message>
    <message>
        <source>{place} of {count}</source>
        <extracomment>Which match of how many: 3 of 12</extracomment>
        <translation>{place} de {count}</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} tok/s</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more row(s)</source>
        <translation>
            <numerusform>… y %n fila más</numerusform>
            <numerusform>… y %n filas más</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TitleField</name>
    <message>
        <source>Title of the conversation</source>
        <translation>Título de la conversación</translation>
    </message>
</context>
<context>
    <name>Transfer</name>
    <message numerus="yes">
        <source>%n conversation(s) came in from the file.</source>
        <translation>
            <numerusform>Se ha importado %n conversación del archivo.</numerusform>
            <numerusform>Se han importado %n conversaciones del archivo.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) came in from {source}.</source>
        <translation>
            <numerusform>Se ha importado %n conversación de {source}.</numerusform>
            <numerusform>Se han importado %n conversaciones de {source}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) or file(s) are not in the export and are shown by their names.</source>
        <translation>
            <numerusform>%n imagen o archivo no está en la exportación y se muestra por su nombre.</numerusform>
            <numerusform>%n imágenes o archivos no están en la exportación y se muestran por su nombre.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n that were here got new messages.</source>
        <translation>
            <numerusform>%n que ya estaba aquí recibió mensajes nuevos.</numerusform>
            <numerusform>%n que ya estaban aquí recibieron mensajes nuevos.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were left out.</source>
        <translation>
            <numerusform>Se ha omitido %n elemento.</numerusform>
            <numerusform>Se han omitido %n elementos.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <translation>
            <numerusform>%n ya estaba aquí.</numerusform>
            <numerusform>%n ya estaban aquí.</numerusform>
        </translation>
    </message>
    <message>
        <source>It was cancelled before its end; what had come in stays.</source>
        <translation>Se canceló antes de terminar; lo que se había importado se conserva.</translation>
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
        <translation>Página web (HTML)</translation>
    </message>
    <message>
        <source>Weir archive (JSON)</source>
        <translation>Archivo de Weir (JSON)</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more.</source>
        <translation>
            <numerusform>… y %n más.</numerusform>
            <numerusform>… y %n más.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TransferDoor</name>
    <message numerus="yes">
        <source>%n conversation(s) are back.</source>
        <translation>
            <numerusform>Se ha recuperado %n conversación.</numerusform>
            <numerusform>Se han recuperado %n conversaciones.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) could not be read.</source>
        <translation>
            <numerusform>No se pudo leer %n conversación.</numerusform>
            <numerusform>No se pudieron leer %n conversaciones.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) were saved as {name}.</source>
        <translation>
            <numerusform>Se ha guardado %n conversación como {name}.</numerusform>
            <numerusform>Se han guardado %n conversaciones como {name}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) could not be read.</source>
        <translation>
            <numerusform>No se pudo leer %n elemento.</numerusform>
            <numerusform>No se pudieron leer %n elementos.</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>Recuperar</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Copiar como texto</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Detalles</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportar</translation>
    </message>
    <message>
        <source>Export conversations</source>
        <translation>Exportar conversaciones</translation>
    </message>
    <message>
        <source>Exports and archives (*.zip *.json *.weir *.db)</source>
        <translation>Exportaciones y archivos de Weir (*.zip *.json *.weir *.db)</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>Importar conversaciones</translation>
    </message>
    <message>
        <source>The conversation was copied.</source>
        <translation>La conversación se ha copiado.</translation>
    </message>
    <message>
        <source>The conversation was saved as {name}.</source>
        <translation>La conversación se ha guardado como {name}.</translation>
    </message>
    <message>
        <source>The history was damaged. It was set aside whole as {name}. What the newest good backup has and what can still be read can be brought back.</source>
        <translation>El historial estaba dañado. Se ha apartado entero como {name}. Se puede recuperar lo que tiene la copia de seguridad válida más reciente y lo que aún se pueda leer.</translation>
    </message>
    <message>
        <source>Weir conversations</source>
        <translation>Conversaciones de Weir</translation>
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
        <translation>Recuperando conversaciones</translation>
    </message>
    <message>
        <source>Bringing conversations in</source>
        <translation>Importando conversaciones</translation>
    </message>
    <message>
        <source>Saving conversations</source>
        <translation>Guardando conversaciones</translation>
    </message>
    <message>
        <source>The export was cancelled; no file was written.</source>
        <translation>La exportación se canceló; no se ha escrito ningún archivo.</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>New conversation</source>
        <translation>Nueva conversación</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>Pregunta rápida</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Salir</translation>
    </message>
    <message>
        <source>Show or hide Weir</source>
        <translation>Mostrar u ocultar Weir</translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n modelo</numerusform>
            <numerusform>%n modelos</numerusform>
        </translation>
    </message>
    <message>
        <source>Asking {host}…</source>
        <translation>Preguntando a {host}…</translation>
    </message>
    <message>
        <source>Connected to {address}</source>
        <translation>Conectado a {address}</translation>
    </message>
    <message>
        <source>Connecting to {address}…</source>
        <translation>Conectando a {address}…</translation>
    </message>
    <message>
        <source>It says: “{words}”</source>
        <translation>Dice: «{words}»</translation>
    </message>
    <message>
        <source>Looking up {host}…</source>
        <translation>Resolviendo {host}…</translation>
    </message>
    <message>
        <source>Not encrypted: the address begins with http://</source>
        <translation>Sin cifrar: la dirección empieza por http://</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted</source>
        <translation>Conexión segura, su certificado es de confianza</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted ({version})</source>
        <extracomment>{version} is the protocol, such as TLS 1.3</extracomment>
        <translation>Conexión segura, su certificado es de confianza ({version})</translation>
    </message>
    <message>
        <source>Securing the connection…</source>
        <translation>Asegurando la conexión…</translation>
    </message>
    <message>
        <source>The key was accepted</source>
        <translation>Se aceptó la clave</translation>
    </message>
    <message>
        <source>The models are listed without a key too; the first prompt shows whether it is right</source>
        <translation>Los modelos se muestran también sin clave; el primer prompt dirá si es correcta</translation>
    </message>
    <message>
        <source>The proxy {proxy} lets it through</source>
        <translation>El proxy {proxy} lo deja pasar</translation>
    </message>
    <message>
        <source>Through the proxy {proxy}…</source>
        <translation>A través del proxy {proxy}…</translation>
    </message>
    <message>
        <source>Waiting for the answer…</source>
        <translation>Esperando la respuesta…</translation>
    </message>
    <message>
        <source>{host} is {address}</source>
        <translation>{host} es {address}</translation>
    </message>
    <message numerus="yes">
        <source>{host} is {address} and %n more</source>
        <extracomment>A name and the addresses it stands for: how many there are besides the one that is named</extracomment>
        <translation>
            <numerusform>{host} es {address} y %n más</numerusform>
            <numerusform>{host} es {address} y %n más</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TuneButton</name>
    <message>
        <source>Options of this conversation</source>
        <translation>Opciones de esta conversación</translation>
    </message>
    <message numerus="yes">
        <source>Options of this conversation: %n set</source>
        <translation>
            <numerusform>Opciones de esta conversación: %n definida</numerusform>
            <numerusform>Opciones de esta conversación: %n definidas</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Turn</name>
    <message>
        <source>Reading the prompt</source>
        <translation>Leyendo el prompt</translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation>Reintentando</translation>
    </message>
    <message>
        <source>Trying again in {seconds} s</source>
        <translation>Nuevo intento en {seconds} s</translation>
    </message>
</context>
<context>
    <name>UpdatesCard</name>
    <message>
        <source>Asking…</source>
        <extracomment>While the newest version is asked for</extracomment>
        <translation>Preguntando…</translation>
    </message>
    <message>
        <source>Check for updates</source>
        <translation>Buscar actualizaciones</translation>
    </message>
    <message>
        <source>Check once a day when Weir starts</source>
        <translation>Buscar una vez al día al iniciar Weir</translation>
    </message>
    <message>
        <source>It was not made from a published release, so it does not know where newer ones would be.</source>
        <translation>No se creó a partir de una versión publicada, así que no sabe dónde estarían las más nuevas.</translation>
    </message>
    <message>
        <source>Nothing is asked until you press the button.</source>
        <translation>No se pregunta nada hasta que pulses el botón.</translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation>Abrir su página</translation>
    </message>
    <message>
        <source>The list of releases can’t be reached. You may be offline; try again when you are not.</source>
        <translation>No se puede acceder a la lista de versiones. Quizá no haya conexión; vuelve a intentarlo cuando la haya.</translation>
    </message>
    <message>
        <source>The list of releases does not say what the newest version is. Try again later.</source>
        <translation>La lista de versiones no indica cuál es la más nueva. Vuelve a intentarlo más tarde.</translation>
    </message>
    <message>
        <source>There is no newer one.</source>
        <translation>No hay ninguna más nueva.</translation>
    </message>
    <message>
        <source>This is Weir {version}.</source>
        <translation>Esta es la versión {version} de Weir.</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>Actualizaciones</translation>
    </message>
    <message>
        <source>Version {version} is there. Conversations and settings stay as they are.</source>
        <translation>Ya está la versión {version}. Las conversaciones y los ajustes quedan como están.</translation>
    </message>
    <message>
        <source>{host} can’t be reached. You may be offline; try again when you are not.</source>
        <translation>No se puede contactar con {host}. Quizá no haya conexión; vuelve a intentarlo cuando la haya.</translation>
    </message>
    <message>
        <source>{host} did not say what the newest version is. Try again later.</source>
        <translation>{host} no indicó cuál es la versión más nueva. Vuelve a intentarlo más tarde.</translation>
    </message>
</context>
<context>
    <name>Usage</name>
    <message numerus="yes">
        <source>%n of them in the bin</source>
        <translation>
            <numerusform>%n en la papelera</numerusform>
            <numerusform>%n en la papelera</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies came without any counts, for instance from other programs, and are left out.</source>
        <translation>
            <numerusform>%n respuesta llegó sin recuentos, por ejemplo de otros programas, y no se incluye.</numerusform>
            <numerusform>%n respuestas llegaron sin recuentos, por ejemplo de otros programas, y no se incluyen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies have no price</source>
        <translation>
            <numerusform>%n respuesta no tiene precio</numerusform>
            <numerusform>%n respuestas no tienen precio</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s) were saved as {name}.</source>
        <translation>
            <numerusform>Se ha guardado %n fila como {name}.</numerusform>
            <numerusform>Se han guardado %n filas como {name}.</numerusform>
        </translation>
    </message>
    <message>
        <source>(without a name)</source>
        <translation>(sin nombre)</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 días</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7 días</translation>
    </message>
    <message>
        <source>90 days</source>
        <translation>90 días</translation>
    </message>
    <message>
        <source>&lt;{amount}</source>
        <extracomment>Less than an amount of money</extracomment>
        <translation>&lt;{amount}</translation>
    </message>
    <message>
        <source>A year</source>
        <translation>Un año</translation>
    </message>
    <message>
        <source>All</source>
        <extracomment>A period: all the time</extracomment>
        <translation>Todo</translation>
    </message>
    <message>
        <source>All endpoints</source>
        <translation>Todos los puntos de conexión</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>Todos los modelos</translation>
    </message>
    <message>
        <source>As CSV, with the conversations’ titles…</source>
        <translation>Como CSV, con los títulos de las conversaciones…</translation>
    </message>
    <message>
        <source>As CSV…</source>
        <translation>Como CSV…</translation>
    </message>
    <message>
        <source>Cached</source>
        <extracomment>Over a column: tokens that came from a cache</extracomment>
        <translation>En caché</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>Gráficos</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>Valores separados por comas (*.csv)</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>Coste</translation>
    </message>
    <message>
        <source>Counted is what services stated, in US dollars, at list price where they state no cost. What has no price, such as models on this computer, adds nothing to the cost.</source>
        <translation>Se cuenta lo que indicaron los servicios, en dólares estadounidenses, a precio de lista cuando no indican ningún coste. Lo que no tiene precio, como los modelos de este equipo, no suma nada al coste.</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <extracomment>Over a column, and a choice in the usage window: which endpoint was asked</extracomment>
        <translation>Punto de conexión</translation>
    </message>
    <message>
        <source>Export usage</source>
        <translation>Exportar uso</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportar…</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>Primer token</translation>
    </message>
    <message>
        <source>In</source>
        <extracomment>Tokens in, over a column</extracomment>
        <translation>Entrada</translation>
    </message>
    <message>
        <source>Model</source>
        <extracomment>Over a column, and a choice in the usage window: which model was asked</extracomment>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>Models: {names}</source>
        <translation>Modelos: {names}</translation>
    </message>
    <message>
        <source>Nothing in this time</source>
        <translation>Nada en este periodo</translation>
    </message>
    <message>
        <source>Others</source>
        <extracomment>In a legend: the models that have no colour of their own</extracomment>
        <translation>Otros</translation>
    </message>
    <message>
        <source>Out</source>
        <extracomment>Tokens out, over a column</extracomment>
        <translation>Salida</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Razonamiento</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>Respuestas</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Velocidad</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabla</translation>
    </message>
    <message>
        <source>The arrow keys go through it; the table has every number.</source>
        <translation>Las teclas de flecha lo recorren; la tabla tiene todas las cifras.</translation>
    </message>
    <message>
        <source>Time to first token</source>
        <translation>Tiempo hasta el primer token</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>Tokens de entrada</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>Tokens de salida</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>Tokens por segundo</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>Uso</translation>
    </message>
    <message>
        <source>Usage as a table</source>
        <translation>Uso en forma de tabla</translation>
    </message>
    <message>
        <source>Week from {day}</source>
        <translation>Semana desde el {day}</translation>
    </message>
    <message>
        <source>What is in the bin counts, what was deleted for good no longer does. Summaries of long conversations count as replies; titles that the model wrote are not counted.</source>
        <translation>Lo que está en la papelera cuenta; lo eliminado definitivamente ya no. Los resúmenes de conversaciones largas cuentan como respuestas; los títulos que escribió el modelo no se cuentan.</translation>
    </message>
    <message>
        <source>When</source>
        <extracomment>Over a column: the day, the week or the month</extracomment>
        <translation>Cuándo</translation>
    </message>
    <message>
        <source>in and out</source>
        <translation>entrada y salida</translation>
    </message>
    <message>
        <source>mean per day</source>
        <translation>media por día</translation>
    </message>
    <message>
        <source>mean per month</source>
        <translation>media por mes</translation>
    </message>
    <message>
        <source>mean per week</source>
        <translation>media por semana</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nada</translation>
    </message>
    <message>
        <source>on average</source>
        <translation>de media</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a cost</extracomment>
        <translation>desconocido</translation>
    </message>
    <message>
        <source>{count} for reasoning</source>
        <extracomment>{count} is a number of tokens in short: 3.2k</extracomment>
        <translation>{count} de razonamiento</translation>
    </message>
    <message>
        <source>{model} {value}</source>
        <extracomment>A model and what was used of it: gpt-5 1,234</extracomment>
        <translation>{model} {value}</translation>
    </message>
    <message>
        <source>{name} per day</source>
        <translation>{name} por día</translation>
    </message>
    <message>
        <source>{name} per month</source>
        <translation>{name} por mes</translation>
    </message>
    <message>
        <source>{name} per week</source>
        <translation>{name} por semana</translation>
    </message>
    <message numerus="yes">
        <source>{name}, %n step(s) from {first} to {last}. Highest: {title}, {top}.</source>
        <translation>
            <numerusform>{name}, %n paso, de {first} a {last}. Máximo: {title}, {top}.</numerusform>
            <numerusform>{name}, %n pasos, de {first} a {last}. Máximo: {title}, {top}.</numerusform>
        </translation>
    </message>
    <message>
        <source>{name}: nothing in this time.</source>
        <translation>{name}: nada en este periodo.</translation>
    </message>
    <message>
        <source>{share} of it from a cache</source>
        <translation>{share} de ello desde una caché</translation>
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
        <translation>Coste</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>Primer token</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Velocidad</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>Tokens de entrada</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>Tokens de salida</translation>
    </message>
    <message>
        <source>Whole reply</source>
        <translation>Respuesta entera</translation>
    </message>
    <message>
        <source>of them for reasoning</source>
        <translation>de ellos, de razonamiento</translation>
    </message>
    <message>
        <source>of them from a cache</source>
        <translation>de ellos, desde una caché</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a figure</extracomment>
        <translation>desconocido</translation>
    </message>
    <message>
        <source>{speed} tokens per second</source>
        <translation>{speed} tokens por segundo</translation>
    </message>
</context>
<context>
    <name>Vault</name>
    <message>
        <source>The keyring</source>
        <translation>El llavero</translation>
    </message>
    <message>
        <source>The keyring is locked or did not answer. Unlock it, then try again.</source>
        <translation>El llavero está bloqueado o no respondió. Desbloquéalo y vuelve a intentarlo.</translation>
    </message>
    <message>
        <source>The keyring is not set up yet, or its question was dismissed. Open your system's password manager once to set it up, or keep the key for this run only.</source>
        <translation>El llavero aún no está configurado o se descartó su pregunta. Abre una vez el gestor de contraseñas del sistema para configurarlo, o conserva la clave solo durante esta ejecución.</translation>
    </message>
    <message>
        <source>The keyring set up for Python ({name}) can't be used. Correct that setting, or keep the key for this run only.</source>
        <translation>El llavero configurado para Python ({name}) no se puede usar. Corrige ese ajuste o conserva la clave solo durante esta ejecución.</translation>
    </message>
    <message>
        <source>There is no key in this text. Paste the key as the service shows it.</source>
        <translation>No hay ninguna clave en este texto. Pega la clave tal como la muestra el servicio.</translation>
    </message>
    <message>
        <source>There is no keyring on this system to keep the key in. Install one, for instance GNOME Keyring or KWallet, or keep the key for this run only.</source>
        <translation>En este sistema no hay ningún llavero donde guardar la clave. Instala uno, por ejemplo GNOME Keyring o KWallet, o conserva la clave solo durante esta ejecución.</translation>
    </message>
    <message>
        <source>This key is longer than {name} can keep. Check that only the key was pasted.</source>
        <translation>Esta clave es más larga de lo que {name} puede guardar. Comprueba que solo se pegó la clave.</translation>
    </message>
    <message>
        <source>Weir is closing; the keyring is not asked any more.</source>
        <translation>Weir se está cerrando; ya no se pregunta al llavero.</translation>
    </message>
    <message>
        <source>{name} did not delete the key. Unlock it and try again, or delete it in your password manager.</source>
        <translation>{name} no eliminó la clave. Desbloquéalo y vuelve a intentarlo, o elimínala en el gestor de contraseñas.</translation>
    </message>
    <message>
        <source>{name} did not give the key. Unlock it and try again, or enter the key for this run only.</source>
        <translation>{name} no entregó la clave. Desbloquéalo y vuelve a intentarlo, o introduce la clave solo para esta ejecución.</translation>
    </message>
    <message>
        <source>{name} did not take the key. Unlock it and try again, or keep the key for this run only.</source>
        <translation>{name} no aceptó la clave. Desbloquéalo y vuelve a intentarlo, o conserva la clave solo durante esta ejecución.</translation>
    </message>
    <message>
        <source>{name} took the key but did not give it back, so it may not be stored. Try again, or keep the key for this run only.</source>
        <translation>{name} aceptó la clave pero no la devolvió, así que quizá no esté guardada. Vuelve a intentarlo o conserva la clave solo durante esta ejecución.</translation>
    </message>
</context>
<context>
    <name>Windows</name>
    <message>
        <source>Close the window</source>
        <translation>Cerrar la ventana</translation>
    </message>
    <message>
        <source>New window</source>
        <translation>Nueva ventana</translation>
    </message>
    <message>
        <source>Open in a window of its own</source>
        <translation>Abrir en una ventana propia</translation>
    </message>
    <message>
        <source>Open in new window</source>
        <translation>Abrir en una ventana nueva</translation>
    </message>
    <message>
        <source>new window detach</source>
        <translation>nueva ventana separar</translation>
    </message>
</context>
<context>
    <name>Wishes</name>
    <message>
        <source>Import</source>
        <translation>Importar</translation>
    </message>
    <message>
        <source>Read the conversations in “{name}” into your history? What is there stays as it is.</source>
        <translation>¿Leer las conversaciones de «{name}» e incluirlas en tu historial? Lo que ya está queda como está.</translation>
    </message>
    <message>
        <source>Weir can't open “{name}”. It opens models (.gguf) and archives (.zip, .json, .weir, .db).</source>
        <translation>Weir no puede abrir «{name}». Abre modelos (.gguf) y archivos (.zip, .json, .weir, .db).</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>${amount}</source>
        <extracomment>A price in US dollars</extracomment>
        <translation>{amount} US$</translation>
    </message>
    <message>
        <source>MMM yyyy</source>
        <extracomment>How a month is written, by Qt's QDate: MMMM is its name, MMM its short name, yyyy the year</extracomment>
        <translation>MMM yyyy</translation>
    </message>
    <message>
        <source>MMMM yyyy</source>
        <translation>MMMM 'de' yyyy</translation>
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
        <translation>{number} mil M</translation>
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
        <translation>{number} %</translation>
    </message>
</context>
<context>
    <name>WorkRow</name>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Cancel: {work}</source>
        <translation>Cancelar: {work}</translation>
    </message>
    <message>
        <source>{work} – is being ended</source>
        <translation>{work} – terminando</translation>
    </message>
</context>
<context>
    <name>WorkStrip</name>
    <message>
        <source>What takes long</source>
        <translation>Lo que tarda</translation>
    </message>
</context>
<context>
    <name>Works</name>
    <message>
        <source>Making today’s copy of the history</source>
        <translation>Haciendo la copia de hoy del historial</translation>
    </message>
    <message>
        <source>Opening and checking the history</source>
        <translation>Abriendo y comprobando el historial</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>quedan unos segundos</translation>
    </message>
    <message numerus="yes">
        <source>about %n h left</source>
        <translation>
            <numerusform>queda %n h aproximadamente</numerusform>
            <numerusform>quedan unas %n h</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n min left</source>
        <translation>
            <numerusform>queda %n min aproximadamente</numerusform>
            <numerusform>quedan unos %n min</numerusform>
        </translation>
    </message>
    <message>
        <source>about a minute left</source>
        <translation>queda un minuto aproximadamente</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>queda menos de un minuto</translation>
    </message>
</context>
<context>
    <name>Writing</name>
    <message>
        <source>Attach files</source>
        <translation>Adjuntar archivos</translation>
    </message>
</context>
<context>
    <name>_Model</name>
    <message>
        <source>no keys</source>
        <translation>sin teclas</translation>
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
