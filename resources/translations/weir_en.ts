<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Attachment</name>
    <message numerus="yes">
        <source>“{name}” is too large to send ({size}). Files may have {most}, and texts %n letter(s).</source>
        <translation>
            <numerusform>“{name}” is too large to send ({size}). Files may have {most}, and texts %n letter.</numerusform>
            <numerusform>“{name}” is too large to send ({size}). Files may have {most}, and texts %n letters.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message numerus="yes">
        <source>A prompt takes %n attachment(s) at most.</source>
        <translation>
            <numerusform>A prompt takes %n attachment at most.</numerusform>
            <numerusform>A prompt takes %n attachments at most.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Chip</name>
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
            <numerusform>%n word so far. Your prompt follows.</numerusform>
            <numerusform>%n words so far. Your prompt follows.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n token(s). How many the model can read at once is unknown.</source>
        <translation>
            <numerusform>About %n token. How many the model can read at once is unknown.</numerusform>
            <numerusform>About %n tokens. How many the model can read at once is unknown.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s).</source>
        <translation>
            <numerusform>About {taken} of %n token.</numerusform>
            <numerusform>About {taken} of %n tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s): that leaves too little room for a reply.</source>
        <translation>
            <numerusform>About {taken} of %n token: that leaves too little room for a reply.</numerusform>
            <numerusform>About {taken} of %n tokens: that leaves too little room for a reply.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It fits without the %n oldest message(s), up to “{last}”.</source>
        <translation>
            <numerusform>It fits without the oldest message, “{last}”.</numerusform>
            <numerusform>It fits without the %n oldest messages, up to “{last}”.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The service refused this as too long: about %n token(s).</source>
        <translation>
            <numerusform>The service refused this as too long: about %n token.</numerusform>
            <numerusform>The service refused this as too long: about %n tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This does not fit any more: about {taken} of %n token(s).</source>
        <translation>
            <numerusform>This does not fit any more: about {taken} of %n token.</numerusform>
            <numerusform>This does not fit any more: about {taken} of %n tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>When you send, the %n oldest message(s), up to “{last}”, will no longer go with it.</source>
        <translation>
            <numerusform>When you send, the oldest message, “{last}”, will no longer go with it.</numerusform>
            <numerusform>When you send, the %n oldest messages, up to “{last}”, will no longer go with it.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>When you send, the model first writes a summary of the %n oldest message(s), up to “{last}”: one more request.</source>
        <translation>
            <numerusform>When you send, the model first writes a summary of the oldest message, “{last}”: one more request.</numerusform>
            <numerusform>When you send, the model first writes a summary of the %n oldest messages, up to “{last}”: one more request.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{model} summarises %n message(s)…</source>
        <translation>
            <numerusform>{model} summarises %n message…</numerusform>
            <numerusform>{model} summarises %n messages…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConversationPage</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n model</numerusform>
            <numerusform>%n models</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message numerus="yes">
        <source>%n model(s) answer side by side.</source>
        <translation>
            <numerusform>%n model answers side by side.</numerusform>
            <numerusform>%n models answer side by side.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FirstStart</name>
    <message numerus="yes">
        <source>Found, %n model(s): {names}</source>
        <translation>
            <numerusform>Found, %n model: {names}</numerusform>
            <numerusform>Found, %n models: {names}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}, …</source>
        <extracomment>The names are the first few of the models</extracomment>
        <translation>
            <numerusform>Found, %n model: {names}, …</numerusform>
            <numerusform>Found, %n models: {names}, …</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Formula</name>
    <message numerus="yes">
        <source>table with %n row(s)</source>
        <translation>
            <numerusform>table with %n row</numerusform>
            <numerusform>table with %n rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Inspection</name>
    <message numerus="yes">
        <source>%n end mark(s)</source>
        <translation>
            <numerusform>%n end mark</numerusform>
            <numerusform>%n end marks</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n keep-alive comment(s)</source>
        <translation>
            <numerusform>A keep-alive comment</numerusform>
            <numerusform>%n keep-alive comments</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s), the first {numbers}</source>
        <translation>
            <numerusform>%n record, the first {numbers}</numerusform>
            <numerusform>%n records, the first {numbers}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Buffered: {records} records came in %n burst(s)</source>
        <translation>
            <numerusform>Buffered: {records} records came in one burst</numerusform>
            <numerusform>Buffered: {records} records came in %n bursts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The reply ended %n time(s)</source>
        <translation>
            <numerusform>The reply ended %n time</numerusform>
            <numerusform>The reply ended %n times</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message numerus="yes">
        <source>… %n more byte(s)</source>
        <translation>
            <numerusform>… %n more byte</numerusform>
            <numerusform>… %n more bytes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InspectorWindow</name>
    <message numerus="yes">
        <source>%n record(s)</source>
        <translation>
            <numerusform>%n record</numerusform>
            <numerusform>%n records</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>KeptList</name>
    <message numerus="yes">
        <source>%n came in.</source>
        <extracomment>Prompts or personas came in from a file</extracomment>
        <translation>
            <numerusform>%n came in.</numerusform>
            <numerusform>%n came in.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <extracomment>Prompts or personas of the file that were here before</extracomment>
        <translation>
            <numerusform>%n was here already.</numerusform>
            <numerusform>%n were here already.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were written to {file}.</source>
        <extracomment>Prompts or personas were written to a file</extracomment>
        <translation>
            <numerusform>%n was written to {file}.</numerusform>
            <numerusform>%n were written to {file}.</numerusform>
        </translation>
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
</context>
<context>
    <name>RecordPage</name>
    <message numerus="yes">
        <source>Record {number}: after {time}, {gap} after the one before; {size} in %n read(s).</source>
        <extracomment>A read is one portion of bytes as it came over the connection</extracomment>
        <translation>
            <numerusform>Record {number}: after {time}, {gap} after the one before; {size} in %n read.</numerusform>
            <numerusform>Record {number}: after {time}, {gap} after the one before; {size} in %n reads.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted for good.</source>
        <translation>
            <numerusform>%n conversation was deleted for good.</numerusform>
            <numerusform>%n conversations were deleted for good.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Emptying the bin: %n deleted</source>
        <translation>
            <numerusform>Emptying the bin: %n deleted</numerusform>
            <numerusform>Emptying the bin: %n deleted</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message numerus="yes">
        <source>%n and more found</source>
        <translation>
            <numerusform>%n and more found</numerusform>
            <numerusform>%n and more found</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n found</numerusform>
            <numerusform>%n found</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Delete %n conversation(s) for good?</source>
        <translation>
            <numerusform>Delete %n conversation for good?</numerusform>
            <numerusform>Delete %n conversations for good?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Telling</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted.</source>
        <translation>
            <numerusform>%n conversation was deleted.</numerusform>
            <numerusform>%n conversations were deleted.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message numerus="yes">
        <source>%n column(s)</source>
        <translation>
            <numerusform>%n column</numerusform>
            <numerusform>%n columns</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n line</numerusform>
            <numerusform>%n lines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more sentence(s) to read</source>
        <translation>
            <numerusform>%n more sentence to read</numerusform>
            <numerusform>%n more sentences to read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new word(s)</source>
        <translation>
            <numerusform>%n new word</numerusform>
            <numerusform>%n new words</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%n row</numerusform>
            <numerusform>%n rows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>List of %n item(s)</source>
        <translation>
            <numerusform>List of %n item</numerusform>
            <numerusform>List of %n items</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show all %n line(s)</source>
        <translation>
            <numerusform>Show all %n line</numerusform>
            <numerusform>Show all %n lines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Summary of %n message(s)</source>
        <translation>
            <numerusform>Summary of %n message</numerusform>
            <numerusform>Summary of %n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Summary without the %n oldest message(s)</source>
        <translation>
            <numerusform>Summary without the %n oldest message</numerusform>
            <numerusform>Summary without the %n oldest messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>… and %n more row(s)</source>
        <translation>
            <numerusform>… and %n more row</numerusform>
            <numerusform>… and %n more rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Transfer</name>
    <message numerus="yes">
        <source>%n conversation(s) came in from the file.</source>
        <translation>
            <numerusform>%n conversation came in from the file.</numerusform>
            <numerusform>%n conversations came in from the file.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) came in from {source}.</source>
        <translation>
            <numerusform>%n conversation came in from {source}.</numerusform>
            <numerusform>%n conversations came in from {source}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) or file(s) are not in the export and are shown by their names.</source>
        <translation>
            <numerusform>%n picture or file is not in the export and is shown by its name.</numerusform>
            <numerusform>%n pictures or files are not in the export and are shown by their names.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n that were here got new messages.</source>
        <translation>
            <numerusform>%n that was here got new messages.</numerusform>
            <numerusform>%n that were here got new messages.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were left out.</source>
        <translation>
            <numerusform>%n thing was left out.</numerusform>
            <numerusform>%n things were left out.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <translation>
            <numerusform>%n was here already.</numerusform>
            <numerusform>%n were here already.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>… and %n more.</source>
        <translation>
            <numerusform>… and %n more.</numerusform>
            <numerusform>… and %n more.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TransferDoor</name>
    <message numerus="yes">
        <source>%n conversation(s) are back.</source>
        <translation>
            <numerusform>%n conversation is back.</numerusform>
            <numerusform>%n conversations are back.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) could not be read.</source>
        <translation>
            <numerusform>%n conversation could not be read.</numerusform>
            <numerusform>%n conversations could not be read.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) were saved as {name}.</source>
        <translation>
            <numerusform>%n conversation was saved as {name}.</numerusform>
            <numerusform>%n conversations were saved as {name}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) could not be read.</source>
        <translation>
            <numerusform>%n thing could not be read.</numerusform>
            <numerusform>%n things could not be read.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n model</numerusform>
            <numerusform>%n models</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{host} is {address} and %n more</source>
        <extracomment>A name and the addresses it stands for: how many there are besides the one that is named</extracomment>
        <translation>
            <numerusform>{host} is {address} and %n more</numerusform>
            <numerusform>{host} is {address} and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TuneButton</name>
    <message numerus="yes">
        <source>Options of this conversation: %n set</source>
        <translation>
            <numerusform>Options of this conversation: %n set</numerusform>
            <numerusform>Options of this conversation: %n set</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Usage</name>
    <message numerus="yes">
        <source>%n of them in the bin</source>
        <translation>
            <numerusform>%n of them in the bin</numerusform>
            <numerusform>%n of them in the bin</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies came without any counts, for instance from other programs, and are left out.</source>
        <translation>
            <numerusform>%n reply came without any counts, for instance from other programs, and is left out.</numerusform>
            <numerusform>%n replies came without any counts, for instance from other programs, and are left out.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies have no price</source>
        <translation>
            <numerusform>%n reply has no price</numerusform>
            <numerusform>%n replies have no price</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s) were saved as {name}.</source>
        <translation>
            <numerusform>%n row was saved as {name}.</numerusform>
            <numerusform>%n rows were saved as {name}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{name}, %n step(s) from {first} to {last}. Highest: {title}, {top}.</source>
        <translation>
            <numerusform>{name}, %n step from {first} to {last}. Highest: {title}, {top}.</numerusform>
            <numerusform>{name}, %n steps from {first} to {last}. Highest: {title}, {top}.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Works</name>
    <message numerus="yes">
        <source>about %n h left</source>
        <translation>
            <numerusform>about %n h left</numerusform>
            <numerusform>about %n h left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n min left</source>
        <translation>
            <numerusform>about %n min left</numerusform>
            <numerusform>about %n min left</numerusform>
        </translation>
    </message>
</context>
</TS>
