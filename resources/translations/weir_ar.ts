<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ar" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>Keys are kept in this computer’s keyring.</source>
        <translation>تُحفظ المفاتيح في حلقة مفاتيح هذا الحاسوب.</translation>
    </message>
    <message>
        <source>Keys are kept in {keyring}, under the name “weir”. They are in no file of Weir’s and in no log.</source>
        <translation>تُحفظ المفاتيح في {keyring} تحت الاسم «weir». ولا توجد في أي ملف من ملفات Weir ولا في أي سجل أحداث.</translation>
    </message>
    <message>
        <source>SmolLM2 135M Instruct, the demo model</source>
        <translation>SmolLM2 135M Instruct، النموذج التجريبي</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use, so keys are not stored. A key you enter is kept in memory and forgotten when Weir ends; one in an environment variable is used from there.</source>
        <translation>لا توجد في هذا الحاسوب حلقة مفاتيح يستطيع Weir استخدامها، ولذلك لا تُخزَّن المفاتيح. المفتاح الذي تُدخله يبقى في الذاكرة ويُنسى عند إنهاء Weir، والمفتاح الموجود في متغير بيئة يُستخدم منه مباشرة.</translation>
    </message>
    <message>
        <source>the prices of genai-prices</source>
        <translation>أسعار genai-prices</translation>
    </message>
    <message>
        <source>ziamath, ziafont, latex2mathml, with the font STIX Two Math</source>
        <translation>ziamath وziafont وlatex2mathml، مع الخط STIX Two Math</translation>
    </message>
</context>
<context>
    <name>AboutPage</name>
    <message>
        <source>About</source>
        <translation>حول</translation>
    </message>
    <message>
        <source>Conversations are in a database on this computer. What you send goes to the endpoint you chose and to nobody else. Weir has no account and no statistics, and asks nobody for updates unless you say so.</source>
        <translation>المحادثات محفوظة في قاعدة بيانات على هذا الحاسوب. وما ترسله يذهب إلى نقطة الوصول التي اخترتها ولا يذهب إلى سواها. ليس في Weir حساب ولا إحصاءات، ولا يسأل أحدًا عن التحديثات ما لم تطلب ذلك.</translation>
    </message>
    <message>
        <source>Made of</source>
        <extracomment>Over a list of what Weir is made of, and the licences</extracomment>
        <translation>مكوّنات البرنامج</translation>
    </message>
    <message>
        <source>Weir itself is under the MIT License.</source>
        <translation>يخضع Weir نفسه لرخصة MIT.</translation>
    </message>
    <message>
        <source>Your data</source>
        <translation>بياناتك</translation>
    </message>
    <message>
        <source>Your keys</source>
        <translation>مفاتيحك</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Archive the conversation</source>
        <translation>أرشفة المحادثة</translation>
    </message>
    <message>
        <source>Attach files…</source>
        <translation>إرفاق ملفات…</translation>
    </message>
    <message>
        <source>Cancel what takes long</source>
        <translation>إلغاء ما يستغرق وقتًا</translation>
    </message>
    <message>
        <source>Change the last prompt</source>
        <translation>تعديل آخر طلب</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>اختيار نموذج…</translation>
    </message>
    <message>
        <source>Colours like the system</source>
        <translation>ألوان النظام</translation>
    </message>
    <message>
        <source>Compare models…</source>
        <translation>مقارنة النماذج…</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>المحادثة</translation>
    </message>
    <message>
        <source>Dark colours</source>
        <translation>ألوان داكنة</translation>
    </message>
    <message>
        <source>Delete the conversation</source>
        <translation>حذف المحادثة</translation>
    </message>
    <message>
        <source>Delete the message that has the keyboard</source>
        <translation>حذف الرسالة التي عليها تركيز لوحة المفاتيح</translation>
    </message>
    <message>
        <source>Delete what is chosen in the list</source>
        <translation>حذف المحدد في القائمة</translation>
    </message>
    <message>
        <source>Do or open anything…</source>
        <translation>تنفيذ أي شيء أو فتحه…</translation>
    </message>
    <message>
        <source>Do what the newest notice offers, such as Undo</source>
        <translation>تنفيذ ما يعرضه أحدث إشعار، مثل التراجع</translation>
    </message>
    <message>
        <source>Find in the conversation…</source>
        <translation>بحث في المحادثة…</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>تباين عالٍ</translation>
    </message>
    <message>
        <source>Its next version</source>
        <translation>نسختها التالية</translation>
    </message>
    <message>
        <source>Its version before</source>
        <translation>نسختها السابقة</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>اختصارات لوحة المفاتيح</translation>
    </message>
    <message>
        <source>Keyboard to the next part of the window</source>
        <translation>نقل التركيز إلى الجزء التالي من النافذة</translation>
    </message>
    <message>
        <source>Keyboard to the part before</source>
        <translation>نقل التركيز إلى الجزء السابق</translation>
    </message>
    <message>
        <source>Larger text and controls</source>
        <translation>تكبير النص وعناصر التحكم</translation>
    </message>
    <message>
        <source>Light colours</source>
        <translation>ألوان فاتحة</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>المحادثة التالية</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>التطابق التالي</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>الحجم العادي</translation>
    </message>
    <message>
        <source>Open conversation {number}</source>
        <translation>فتح المحادثة {number}</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>خيارات هذه المحادثة</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>تثبيت</translation>
    </message>
    <message>
        <source>Pin the conversation</source>
        <translation>تثبيت المحادثة</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>المحادثة السابقة</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>التطابق السابق</translation>
    </message>
    <message>
        <source>Program</source>
        <extracomment>A group of actions: those about Weir itself</extracomment>
        <translation>البرنامج</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>إنهاء</translation>
    </message>
    <message>
        <source>Reading</source>
        <extracomment>A group of actions: those about reading a conversation</extracomment>
        <translation>القراءة</translation>
    </message>
    <message>
        <source>Rename in the list</source>
        <translation>إعادة التسمية في القائمة</translation>
    </message>
    <message>
        <source>Rename the conversation…</source>
        <translation>إعادة تسمية المحادثة…</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>الردود</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>بحث في كل شيء</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>الإعدادات</translation>
    </message>
    <message>
        <source>Settings: About</source>
        <translation>الإعدادات: حول</translation>
    </message>
    <message>
        <source>Settings: Appearance</source>
        <translation>الإعدادات: المظهر</translation>
    </message>
    <message>
        <source>Settings: Data</source>
        <translation>الإعدادات: البيانات</translation>
    </message>
    <message>
        <source>Settings: Endpoints</source>
        <translation>الإعدادات: نقاط الوصول</translation>
    </message>
    <message>
        <source>Settings: Keyboard</source>
        <translation>الإعدادات: لوحة المفاتيح</translation>
    </message>
    <message>
        <source>Settings: Network</source>
        <translation>الإعدادات: الشبكة</translation>
    </message>
    <message>
        <source>Settings: On this computer</source>
        <translation>الإعدادات: على هذا الحاسوب</translation>
    </message>
    <message>
        <source>Settings: Personas</source>
        <translation>الإعدادات: الشخصيات</translation>
    </message>
    <message>
        <source>Settings: Prompts</source>
        <translation>الإعدادات: الطلبات</translation>
    </message>
    <message>
        <source>Shelf</source>
        <extracomment>A group of actions: those about the list of conversations</extracomment>
        <translation>الشريط الجانبي</translation>
    </message>
    <message>
        <source>Show or hide the folders</source>
        <translation>إظهار المجلدات أو إخفاؤها</translation>
    </message>
    <message>
        <source>Show or hide the shelf</source>
        <translation>إظهار الشريط الجانبي أو إخفاؤه</translation>
    </message>
    <message>
        <source>Show or leave the archive</source>
        <translation>عرض الأرشيف أو مغادرته</translation>
    </message>
    <message>
        <source>Show or leave the bin</source>
        <translation>عرض سلة المهملات أو مغادرتها</translation>
    </message>
    <message>
        <source>Show the last replies side by side</source>
        <translation>عرض آخر الردود جنبًا إلى جنب</translation>
    </message>
    <message>
        <source>Smaller text and controls</source>
        <translation>تصغير النص وعناصر التحكم</translation>
    </message>
    <message>
        <source>Stop the reply</source>
        <translation>إيقاف الرد</translation>
    </message>
    <message>
        <source>Try the last reply again</source>
        <translation>إعادة محاولة آخر رد</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>إلغاء التثبيت</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>الاستهلاك</translation>
    </message>
    <message>
        <source>View</source>
        <extracomment>A group of actions: how the window looks</extracomment>
        <translation>العرض</translation>
    </message>
    <message>
        <source>Write a prompt</source>
        <translation>كتابة طلب</translation>
    </message>
    <message>
        <source>Writing</source>
        <extracomment>A group of actions: those about writing a prompt</extracomment>
        <translation>الكتابة</translation>
    </message>
    <message>
        <source>colours theme motion titles</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>ألوان سمة حركة عناوين</translation>
    </message>
    <message>
        <source>compare</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>قارن موازنة</translation>
    </message>
    <message>
        <source>conversation bin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>محادثة مهملات محذوفات</translation>
    </message>
    <message>
        <source>cost tokens statistics</source>
        <translation>تكلفة رموز إحصاءات</translation>
    </message>
    <message>
        <source>exit</source>
        <translation>خروج</translation>
    </message>
    <message>
        <source>help keys</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>مساعدة مفاتيح</translation>
    </message>
    <message>
        <source>import export backup archive</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>استيراد تصدير نسخ احتياطي أرشيف</translation>
    </message>
    <message>
        <source>import export stop</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>استيراد تصدير إيقاف</translation>
    </message>
    <message>
        <source>local model GGUF</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>نموذج محلي GGUF</translation>
    </message>
    <message>
        <source>preferences</source>
        <translation>تفضيلات</translation>
    </message>
    <message>
        <source>prompt</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>طلب سؤال</translation>
    </message>
    <message>
        <source>proxy certificates timeout</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>وكيل بروكسي شهادات مهلة</translation>
    </message>
    <message>
        <source>regenerate</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>إعادة توليد</translation>
    </message>
    <message>
        <source>services keys API</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>خدمات مفاتيح API</translation>
    </message>
    <message>
        <source>shortcuts keys</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>اختصارات مفاتيح</translation>
    </message>
    <message>
        <source>side by side several</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>جنبًا إلى جنب عدة</translation>
    </message>
    <message>
        <source>sidebar</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>قائمة جانبية رف</translation>
    </message>
    <message>
        <source>system prompt assistant role</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>تعليمات النظام مساعد دور</translation>
    </message>
    <message>
        <source>system prompt temperature reasoning</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>تعليمات النظام حرارة استدلال</translation>
    </message>
    <message>
        <source>templates snippets library slash</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>قوالب مقتطفات مكتبة شرطة</translation>
    </message>
    <message>
        <source>theme appearance</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>سمة مظهر</translation>
    </message>
    <message>
        <source>title</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>عنوان</translation>
    </message>
    <message>
        <source>unpin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>إلغاء تثبيت</translation>
    </message>
    <message>
        <source>version updates licences where files</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>إصدار تحديثات رخص مكان الملفات</translation>
    </message>
    <message>
        <source>zoom</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>تكبير تصغير</translation>
    </message>
</context>
<context>
    <name>AppearancePage</name>
    <message>
        <source>Appearance</source>
        <translation>المظهر</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>الألوان</translation>
    </message>
    <message>
        <source>Dark</source>
        <comment>colours</comment>
        <translation>داكنة</translation>
    </message>
    <message>
        <source>Glide</source>
        <extracomment>A choice under Motion: what is shown glides to its place</extracomment>
        <translation>انزلاق</translation>
    </message>
    <message>
        <source>Have a screen reader say the answer while it comes</source>
        <translation>جعل قارئ الشاشة ينطق الرد أثناء وصوله</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>تباين عالٍ</translation>
    </message>
    <message>
        <source>Keep the start of the answer at the top</source>
        <translation>إبقاء بداية الرد في الأعلى</translation>
    </message>
    <message>
        <source>Let the model write them</source>
        <translation>ترك النموذج يكتبها</translation>
    </message>
    <message>
        <source>Light</source>
        <comment>colours</comment>
        <translation>فاتحة</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>مثل النظام</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>الحركة</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>الحجم العادي</translation>
    </message>
    <message>
        <source>Reduced: jump at once</source>
        <translation>مخفّفة: انتقال فوري</translation>
    </message>
    <message>
        <source>Size of text and controls</source>
        <translation>حجم النص وعناصر التحكم</translation>
    </message>
    <message>
        <source>The first question and its answer are then sent once more to the service that answered, which costs a few tokens. Without this the title is taken from the question.</source>
        <translation>يُرسل عندئذٍ السؤال الأول وجوابه مرة أخرى إلى الخدمة التي أجابت، ويكلف ذلك بضعة رموز. ومن دون هذا الخيار يؤخذ العنوان من السؤال.</translation>
    </message>
    <message>
        <source>There are keys for this, too; Keyboard lists them.</source>
        <translation>توجد لذلك مفاتيح أيضًا، وتجدها في صفحة «لوحة المفاتيح».</translation>
    </message>
    <message>
        <source>Titles of conversations</source>
        <translation>عناوين المحادثات</translation>
    </message>
    <message>
        <source>While a reply comes</source>
        <translation>أثناء وصول الرد</translation>
    </message>
    <message>
        <source>Without this the end is followed until you scroll up.</source>
        <translation>من دون هذا الخيار يُتابَع آخر الرد إلى أن تمرّر إلى الأعلى.</translation>
    </message>
</context>
<context>
    <name>Archive</name>
    <message>
        <source>A conversation</source>
        <translation>محادثة</translation>
    </message>
    <message>
        <source>A file</source>
        <translation>ملف</translation>
    </message>
    <message>
        <source>A file in the zip is damaged. Download the export again.</source>
        <translation>أحد الملفات في ملف zip تالف. نزّل التصدير من جديد.</translation>
    </message>
    <message>
        <source>Call of {name}</source>
        <translation>استدعاء {name}</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>المحادثة</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>المحادثات</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>فشل</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>ملف بلا اسم</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>التعليمات</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>انقطع</translation>
    </message>
    <message>
        <source>It has something in it that can’t be read.</source>
        <translation>فيه شيء لا يمكن قراءته.</translation>
    </message>
    <message>
        <source>It has too many messages.</source>
        <translation>فيه رسائل أكثر من المسموح.</translation>
    </message>
    <message>
        <source>It is a link, not a file.</source>
        <translation>هو رابط وليس ملفًا.</translation>
    </message>
    <message>
        <source>It is encrypted.</source>
        <translation>هو مشفّر.</translation>
    </message>
    <message>
        <source>It is nested too deeply.</source>
        <translation>مستويات التداخل فيه أكثر من المسموح.</translation>
    </message>
    <message>
        <source>It is no conversation of a program that Weir knows.</source>
        <translation>ليس محادثة من برنامج يعرفه Weir.</translation>
    </message>
    <message>
        <source>It is no conversation.</source>
        <translation>ليس محادثة.</translation>
    </message>
    <message>
        <source>It is not whole.</source>
        <translation>ليس كاملًا.</translation>
    </message>
    <message>
        <source>It is packed in a way that no export uses.</source>
        <translation>مضغوط بطريقة لا يستخدمها أي تصدير.</translation>
    </message>
    <message>
        <source>It is too large.</source>
        <translation>حجمه أكبر من المسموح.</translation>
    </message>
    <message>
        <source>It was written by a newer version of Weir. Install that version to read it.</source>
        <translation>كُتب بإصدار أحدث من Weir. ثبّت ذلك الإصدار لقراءته.</translation>
    </message>
    <message>
        <source>It would grow too large when it is unpacked.</source>
        <translation>سيصبح أكبر من المسموح عند فك ضغطه.</translation>
    </message>
    <message>
        <source>Its name leads out of the archive.</source>
        <translation>يقود اسمه إلى خارج الأرشيف.</translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation>نص ملصق</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>صورة</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>الرد</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>أُوقف</translation>
    </message>
    <message>
        <source>The archive is too large to be an export.</source>
        <translation>الأرشيف أكبر من أن يكون تصديرًا.</translation>
    </message>
    <message>
        <source>The file could not be read or written: {reason}.</source>
        <translation>تعذّرت قراءة الملف أو كتابته: {reason}.</translation>
    </message>
    <message>
        <source>The file has a text in it that is too large to be one of a conversation.</source>
        <translation>في الملف نص أكبر من أن يكون جزءًا من محادثة.</translation>
    </message>
    <message>
        <source>The file has something in it that is not JSON.</source>
        <translation>في الملف شيء ليس JSON.</translation>
    </message>
    <message>
        <source>The file holds no conversations.</source>
        <translation>لا يحتوي الملف على أي محادثات.</translation>
    </message>
    <message>
        <source>The file in the archive is damaged.</source>
        <translation>الملف داخل الأرشيف تالف.</translation>
    </message>
    <message>
        <source>The file is not a whole zip file. Download it again.</source>
        <translation>ليس هذا ملف zip كاملًا. نزّله من جديد.</translation>
    </message>
    <message>
        <source>The file is not whole, or it is not JSON.</source>
        <translation>الملف غير كامل، أو أنه ليس JSON.</translation>
    </message>
    <message>
        <source>The file is too large to come along.</source>
        <translation>الملف أكبر من أن يُرفق.</translation>
    </message>
    <message>
        <source>The folder has too many files to be an export.</source>
        <translation>في المجلد ملفات أكثر من أن يكون تصديرًا.</translation>
    </message>
    <message>
        <source>The zip file claims more than it holds. It was not read.</source>
        <translation>يدّعي ملف zip أكثر مما يحتويه، فلم تجرِ قراءته.</translation>
    </message>
    <message>
        <source>The zip file has too many files to be an export.</source>
        <translation>في ملف zip ملفات أكثر من أن يكون تصديرًا.</translation>
    </message>
    <message>
        <source>There are no conversations in this file that Weir knows. It reads the exports of ChatGPT, Claude, Open WebUI and LibreChat, and its own.</source>
        <translation>لا توجد في هذا الملف محادثات يعرفها Weir. يقرأ Weir ما تصدّره ChatGPT وClaude وOpen WebUI وLibreChat، وما يصدّره هو.</translation>
    </message>
    <message>
        <source>There is another file of the same name.</source>
        <translation>يوجد ملف آخر بالاسم نفسه.</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>لا يوجد ملف كهذا.</translation>
    </message>
    <message>
        <source>There is nothing here that makes PDF files.</source>
        <translation>لا يوجد هنا ما يُنشئ ملفات PDF.</translation>
    </message>
    <message>
        <source>There is nothing in it.</source>
        <translation>لا شيء فيه.</translation>
    </message>
    <message>
        <source>There was nothing that could be exported.</source>
        <translation>لم يكن هناك ما يمكن تصديره.</translation>
    </message>
    <message>
        <source>This can’t be written as pages.</source>
        <translation>لا يمكن كتابة هذا في صفحات.</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>لم تعد هذه المحادثة موجودة.</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>الاستدلال</translation>
    </message>
    <message>
        <source>Weir made a mistake with this file. The log has the details.</source>
        <translation>وقع خطأ في Weir عند معالجة هذا الملف. التفاصيل في سجل الأحداث.</translation>
    </message>
    <message>
        <source>What {tool} said</source>
        <translation>ما أعادته {tool}</translation>
    </message>
    <message>
        <source>You</source>
        <translation>أنت</translation>
    </message>
    <message>
        <source>a tool</source>
        <translation>أداة</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>غير معروف</translation>
    </message>
    <message>
        <source>{ending}: {failure}</source>
        <translation>{ending}: {failure}</translation>
    </message>
    <message>
        <source>{name} (too large to come along)</source>
        <translation>{name} (أكبر من أن يُرفق)</translation>
    </message>
    <message>
        <source>{why} Nothing came in.</source>
        <translation>{why} لم يُستورد شيء.</translation>
    </message>
</context>
<context>
    <name>Arrivals</name>
    <message>
        <source>a new reply</source>
        <translation>رد جديد</translation>
    </message>
    <message>
        <source>a reply is coming</source>
        <translation>رد قيد الوصول</translation>
    </message>
    <message>
        <source>the reply failed</source>
        <translation>فشل الرد</translation>
    </message>
</context>
<context>
    <name>Attachment</name>
    <message>
        <source>it can't be read</source>
        <translation>لا يمكن قراءته</translation>
    </message>
    <message>
        <source>“{name}” could not be read: {reason}.</source>
        <translation>تعذّرت قراءة «{name}»: {reason}.</translation>
    </message>
    <message>
        <source>“{name}” is a document that Weir can't read. Save it as PDF or as text first.</source>
        <translation>«{name}» مستند لا يستطيع Weir قراءته. احفظه أولًا بصيغة PDF أو كنص.</translation>
    </message>
    <message>
        <source>“{name}” is a folder. Attach the files in it.</source>
        <translation>«{name}» مجلد. أرفق الملفات التي فيه.</translation>
    </message>
    <message>
        <source>“{name}” is damaged: it can't be read as a PDF.</source>
        <translation>«{name}» تالف: لا يمكن قراءته كملف PDF.</translation>
    </message>
    <message>
        <source>“{name}” is empty.</source>
        <translation>«{name}» فارغ.</translation>
    </message>
    <message>
        <source>“{name}” is locked with a password. Save a copy without one.</source>
        <translation>«{name}» محمي بكلمة مرور. احفظ نسخة بلا كلمة مرور.</translation>
    </message>
    <message>
        <source>“{name}” is neither text, a PDF nor an image that Weir can send.</source>
        <translation>«{name}» ليس نصًا ولا ملف PDF ولا صورة يستطيع Weir إرسالها.</translation>
    </message>
    <message>
        <source>“{name}” is no ordinary file.</source>
        <translation>«{name}» ليس ملفًا عاديًا.</translation>
    </message>
    <message numerus="yes">
        <source>“{name}” is too large to send ({size}). Files may have {most}, and texts %n letter(s).</source>
        <translation>
            <numerusform>«{name}» أكبر من أن يُرسل ({size}). الحد الأقصى للملفات {most}، وللنصوص %n حرف.</numerusform>
            <numerusform>«{name}» أكبر من أن يُرسل ({size}). الحد الأقصى للملفات {most}، وللنصوص حرف واحد.</numerusform>
            <numerusform>«{name}» أكبر من أن يُرسل ({size}). الحد الأقصى للملفات {most}، وللنصوص حرفان.</numerusform>
            <numerusform>«{name}» أكبر من أن يُرسل ({size}). الحد الأقصى للملفات {most}، وللنصوص %n أحرف.</numerusform>
            <numerusform>«{name}» أكبر من أن يُرسل ({size}). الحد الأقصى للملفات {most}، وللنصوص %n حرفًا.</numerusform>
            <numerusform>«{name}» أكبر من أن يُرسل ({size}). الحد الأقصى للملفات {most}، وللنصوص %n حرف.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message numerus="yes">
        <source>A prompt takes %n attachment(s) at most.</source>
        <translation>
            <numerusform>لا يقبل الطلب أي مرفقات.</numerusform>
            <numerusform>يقبل الطلب مرفقًا واحدًا على الأكثر.</numerusform>
            <numerusform>يقبل الطلب مرفقين على الأكثر.</numerusform>
            <numerusform>يقبل الطلب %n مرفقات على الأكثر.</numerusform>
            <numerusform>يقبل الطلب %n مرفقًا على الأكثر.</numerusform>
            <numerusform>يقبل الطلب %n مرفق على الأكثر.</numerusform>
        </translation>
    </message>
    <message>
        <source>“{name}” could not be read.</source>
        <translation>تعذّرت قراءة «{name}».</translation>
    </message>
</context>
<context>
    <name>BuiltIn</name>
    <message>
        <source>Answer an e-mail</source>
        <translation>الرد على بريد إلكتروني</translation>
    </message>
    <message>
        <source>Brief</source>
        <translation>موجز</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>محرّر</translation>
    </message>
    <message>
        <source>Explain simply</source>
        <translation>شرح مبسّط</translation>
    </message>
    <message>
        <source>Programmer</source>
        <translation>مبرمج</translation>
    </message>
    <message>
        <source>Proofread</source>
        <translation>تدقيق لغوي</translation>
    </message>
    <message>
        <source>Review code</source>
        <translation>مراجعة شيفرة</translation>
    </message>
    <message>
        <source>Summarise</source>
        <translation>تلخيص</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>ترجمة</translation>
    </message>
    <message>
        <source>Tutor</source>
        <translation>مدرّس</translation>
    </message>
</context>
<context>
    <name>BusNotices</name>
    <message>
        <source>Open</source>
        <translation>فتح</translation>
    </message>
</context>
<context>
    <name>CertificateField</name>
    <message>
        <source>All files (*)</source>
        <translation>كل الملفات (*)</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>الشهادات (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>اختيار…</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>ملف الشهادات</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Preview</source>
        <extracomment>What stands beside the name of a file, for those who do not see it</extracomment>
        <translation>معاينة</translation>
    </message>
    <message>
        <source>Put the pasted text into the prompt</source>
        <translation>إدراج النص الملصق في الطلب</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>جارٍ القراءة…</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>إزالة {name}</translation>
    </message>
    <message>
        <source>Show</source>
        <comment>in the prompt</comment>
        <extracomment>On a button: put the pasted text into the prompt</extracomment>
        <translation>إدراج</translation>
    </message>
    <message>
        <source>{name}, being read</source>
        <translation>{name}، قيد القراءة</translation>
    </message>
    <message numerus="yes">
        <source>{size}, ≈ %n token(s)</source>
        <extracomment>An attachment, and about how many tokens it is</extracomment>
        <translation>
            <numerusform>{size}، بلا رموز</numerusform>
            <numerusform>{size}، ≈ رمز واحد</numerusform>
            <numerusform>{size}، ≈ رمزان</numerusform>
            <numerusform>{size}، ≈ %n رموز</numerusform>
            <numerusform>{size}، ≈ %n رمزًا</numerusform>
            <numerusform>{size}، ≈ %n رمز</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Chips</name>
    <message>
        <source>Attachments</source>
        <translation>المرفقات</translation>
    </message>
</context>
<context>
    <name>CodeFile</name>
    <message>
        <source>Save code</source>
        <translation>حفظ الشيفرة</translation>
    </message>
    <message>
        <source>The file could not be written: {reason}.</source>
        <translation>تعذّرت كتابة الملف: {reason}.</translation>
    </message>
</context>
<context>
    <name>Column</name>
    <message>
        <source>Continue with the reply of {model}</source>
        <translation>المتابعة برد {model}</translation>
    </message>
    <message>
        <source>Continue with this reply</source>
        <translation>المتابعة بهذا الرد</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>أرقام الرد</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>الرد</translation>
    </message>
    <message>
        <source>Reply of {model}</source>
        <translation>رد {model}</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>إيقاف</translation>
    </message>
    <message>
        <source>Stop {model}</source>
        <translation>إيقاف {model}</translation>
    </message>
    <message>
        <source>{model} ({number})</source>
        <extracomment>A model that is there more than once, and which of them it is</extracomment>
        <translation>{model} ({number})</translation>
    </message>
    <message>
        <source>{model}: reply ended</source>
        <translation>{model}: انتهى الرد</translation>
    </message>
    <message>
        <source>{model}: reply finished</source>
        <translation>{model}: اكتمل الرد</translation>
    </message>
</context>
<context>
    <name>Companion</name>
    <message>
        <source>Answers this prompt alone</source>
        <translation>يجيب عن هذا الطلب وحده</translation>
    </message>
    <message>
        <source>Enter takes it, Esc leaves the text</source>
        <translation>Enter لأخذه، وEsc لترك النص</translation>
    </message>
    <message>
        <source>Manage…</source>
        <translation>إدارة…</translation>
    </message>
    <message>
        <source>Not filled in yet: {names}. Send once more to send it as it is.</source>
        <translation>لم يُملأ بعد: {names}. أرسل مرة أخرى لإرساله كما هو.</translation>
    </message>
    <message>
        <source>Tab leads to the next place to fill in</source>
        <translation>ينقل Tab إلى الموضع التالي المطلوب ملؤه</translation>
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
        <translation>العودة إلى المحادثة</translation>
    </message>
    <message>
        <source>Replies side by side</source>
        <translation>الردود جنبًا إلى جنب</translation>
    </message>
</context>
<context>
    <name>ComposeDoor</name>
    <message>
        <source>/ for your prompts, @ for another model this once</source>
        <translation>/ لطلباتك، و@ لنموذج آخر هذه المرة</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Ask anything</source>
        <translation>اسأل ما تشاء</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>إرفاق ملفات</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>إلغاء</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter breaks the line</source>
        <translation>Enter للإرسال، وShift+Enter لسطر جديد</translation>
    </message>
    <message>
        <source>Esc stops all replies</source>
        <translation>Esc لإيقاف كل الردود</translation>
    </message>
    <message>
        <source>Esc stops the reply</source>
        <translation>Esc لإيقاف الرد</translation>
    </message>
    <message>
        <source>Pasted image.png</source>
        <translation>صورة ملصقة.png</translation>
    </message>
    <message>
        <source>Pasted text.txt</source>
        <translation>نص ملصق.txt</translation>
    </message>
    <message>
        <source>Reading the attachments…</source>
        <translation>جارٍ قراءة المرفقات…</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>إرسال</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>إيقاف</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translation>إيقاف الكل</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>جارٍ الإيقاف…</translation>
    </message>
    <message>
        <source>This waits here until the replies have ended.</source>
        <translation>ينتظر هذا هنا إلى أن تنتهي الردود.</translation>
    </message>
    <message>
        <source>This waits here until the reply has ended.</source>
        <translation>ينتظر هذا هنا إلى أن ينتهي الرد.</translation>
    </message>
    <message>
        <source>Your earlier prompt. What was said after it stays, as another branch.</source>
        <translation>طلبك السابق. وما قيل بعده يبقى فرعًا آخر.</translation>
    </message>
</context>
<context>
    <name>Context</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n رمز</numerusform>
            <numerusform>رمز واحد</numerusform>
            <numerusform>رمزان</numerusform>
            <numerusform>%n رموز</numerusform>
            <numerusform>%n رمزًا</numerusform>
            <numerusform>%n رمز</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n word(s) so far. Your prompt follows.</source>
        <translation>
            <numerusform>لا كلمات حتى الآن. يليها طلبك.</numerusform>
            <numerusform>كلمة واحدة حتى الآن. يليها طلبك.</numerusform>
            <numerusform>كلمتان حتى الآن. يليهما طلبك.</numerusform>
            <numerusform>%n كلمات حتى الآن. يليها طلبك.</numerusform>
            <numerusform>%n كلمة حتى الآن. يليها طلبك.</numerusform>
            <numerusform>%n كلمة حتى الآن. يليها طلبك.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n token(s). How many the model can read at once is unknown.</source>
        <translation>
            <numerusform>لا رموز تقريبًا. عدد ما يستطيع النموذج قراءته دفعة واحدة غير معروف.</numerusform>
            <numerusform>نحو رمز واحد. عدد ما يستطيع النموذج قراءته دفعة واحدة غير معروف.</numerusform>
            <numerusform>نحو رمزين. عدد ما يستطيع النموذج قراءته دفعة واحدة غير معروف.</numerusform>
            <numerusform>نحو %n رموز. عدد ما يستطيع النموذج قراءته دفعة واحدة غير معروف.</numerusform>
            <numerusform>نحو %n رمزًا. عدد ما يستطيع النموذج قراءته دفعة واحدة غير معروف.</numerusform>
            <numerusform>نحو %n رمز. عدد ما يستطيع النموذج قراءته دفعة واحدة غير معروف.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s).</source>
        <translation>
            <numerusform>نحو {taken} والحد بلا رموز.</numerusform>
            <numerusform>نحو {taken} من أصل رمز واحد.</numerusform>
            <numerusform>نحو {taken} من أصل رمزين.</numerusform>
            <numerusform>نحو {taken} من أصل %n رموز.</numerusform>
            <numerusform>نحو {taken} من أصل %n رمزًا.</numerusform>
            <numerusform>نحو {taken} من أصل %n رمز.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s): that leaves too little room for a reply.</source>
        <translation>
            <numerusform>نحو {taken} والحد بلا رموز: لا يترك ذلك مساحة كافية للرد.</numerusform>
            <numerusform>نحو {taken} من أصل رمز واحد: لا يترك ذلك مساحة كافية للرد.</numerusform>
            <numerusform>نحو {taken} من أصل رمزين: لا يترك ذلك مساحة كافية للرد.</numerusform>
            <numerusform>نحو {taken} من أصل %n رموز: لا يترك ذلك مساحة كافية للرد.</numerusform>
            <numerusform>نحو {taken} من أصل %n رمزًا: لا يترك ذلك مساحة كافية للرد.</numerusform>
            <numerusform>نحو {taken} من أصل %n رمز: لا يترك ذلك مساحة كافية للرد.</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask me</source>
        <translation>سؤالي</translation>
    </message>
    <message>
        <source>Change…</source>
        <extracomment>On a button: change what happens to long conversations</extracomment>
        <translation>تغيير…</translation>
    </message>
    <message>
        <source>Context window</source>
        <translation>نافذة السياق</translation>
    </message>
    <message>
        <source>Context window, in tokens</source>
        <translation>نافذة السياق، بالرموز</translation>
    </message>
    <message numerus="yes">
        <source>It fits without the %n oldest message(s), up to “{last}”.</source>
        <translation>
            <numerusform>تتّسع دون حذف أي رسائل، حتى «{last}».</numerusform>
            <numerusform>تتّسع من دون الرسالة الأقدم، «{last}».</numerusform>
            <numerusform>تتّسع من دون أقدم رسالتين، حتى «{last}».</numerusform>
            <numerusform>تتّسع من دون أقدم %n رسائل، حتى «{last}».</numerusform>
            <numerusform>تتّسع من دون أقدم %n رسالة، حتى «{last}».</numerusform>
            <numerusform>تتّسع من دون أقدم %n رسالة، حتى «{last}».</numerusform>
        </translation>
    </message>
    <message>
        <source>Leave out the oldest</source>
        <translation>استبعاد الأقدم</translation>
    </message>
    <message>
        <source>Leave them out</source>
        <translation>استبعادها</translation>
    </message>
    <message>
        <source>Nothing is left to leave out. Shorten what you write.</source>
        <translation>لم يبق ما يمكن استبعاده. اختصر ما تكتبه.</translation>
    </message>
    <message>
        <source>Nothing is sent until it is shorter.</source>
        <translation>لن يُرسل شيء حتى يصبح أقصر.</translation>
    </message>
    <message>
        <source>Send everything</source>
        <translation>إرسال كل شيء</translation>
    </message>
    <message>
        <source>Send nothing</source>
        <translation>عدم إرسال أي شيء</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>إيقاف</translation>
    </message>
    <message>
        <source>Summarise the oldest</source>
        <translation>تلخيص الأقدم</translation>
    </message>
    <message>
        <source>Summarise them</source>
        <extracomment>On a button: summarise the oldest messages</extracomment>
        <translation>تلخيصها</translation>
    </message>
    <message>
        <source>The limit is from the list that comes with Weir.</source>
        <translation>الحد مأخوذ من القائمة المرفقة مع Weir.</translation>
    </message>
    <message>
        <source>The limit is the one that the model is started with here.</source>
        <translation>الحد هو الذي يُشغَّل به النموذج هنا.</translation>
    </message>
    <message>
        <source>The limit is the service’s own.</source>
        <translation>الحد من الخدمة نفسها.</translation>
    </message>
    <message>
        <source>The limit was set by hand.</source>
        <translation>الحد محدّد يدويًا.</translation>
    </message>
    <message numerus="yes">
        <source>The service refused this as too long: about %n token(s).</source>
        <translation>
            <numerusform>رفضت الخدمة هذا لأنه أطول من المسموح: لا رموز تقريبًا.</numerusform>
            <numerusform>رفضت الخدمة هذا لأنه أطول من المسموح: نحو رمز واحد.</numerusform>
            <numerusform>رفضت الخدمة هذا لأنه أطول من المسموح: نحو رمزين.</numerusform>
            <numerusform>رفضت الخدمة هذا لأنه أطول من المسموح: نحو %n رموز.</numerusform>
            <numerusform>رفضت الخدمة هذا لأنه أطول من المسموح: نحو %n رمزًا.</numerusform>
            <numerusform>رفضت الخدمة هذا لأنه أطول من المسموح: نحو %n رمز.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This does not fit any more: about {taken} of %n token(s).</source>
        <translation>
            <numerusform>لم يعد هذا يتّسع: نحو {taken} والحد بلا رموز.</numerusform>
            <numerusform>لم يعد هذا يتّسع: نحو {taken} من أصل رمز واحد.</numerusform>
            <numerusform>لم يعد هذا يتّسع: نحو {taken} من أصل رمزين.</numerusform>
            <numerusform>لم يعد هذا يتّسع: نحو {taken} من أصل %n رموز.</numerusform>
            <numerusform>لم يعد هذا يتّسع: نحو {taken} من أصل %n رمزًا.</numerusform>
            <numerusform>لم يعد هذا يتّسع: نحو {taken} من أصل %n رمز.</numerusform>
        </translation>
    </message>
    <message>
        <source>Until then it is as it was.</source>
        <translation>إلى ذلك الحين يبقى كما كان.</translation>
    </message>
    <message>
        <source>What the service says</source>
        <translation>ما تقوله الخدمة</translation>
    </message>
    <message>
        <source>When it does not fit</source>
        <translation>عندما لا تتّسع المحادثة</translation>
    </message>
    <message numerus="yes">
        <source>When you send, the %n oldest message(s), up to “{last}”, will no longer go with it.</source>
        <translation>
            <numerusform>عند الإرسال تذهب معه كل الرسائل، حتى «{last}».</numerusform>
            <numerusform>عند الإرسال لن تذهب معه بعد الآن الرسالة الأقدم، «{last}».</numerusform>
            <numerusform>عند الإرسال لن تذهب معه بعد الآن أقدم رسالتين، حتى «{last}».</numerusform>
            <numerusform>عند الإرسال لن تذهب معه بعد الآن أقدم %n رسائل، حتى «{last}».</numerusform>
            <numerusform>عند الإرسال لن تذهب معه بعد الآن أقدم %n رسالة، حتى «{last}».</numerusform>
            <numerusform>عند الإرسال لن تذهب معه بعد الآن أقدم %n رسالة، حتى «{last}».</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>When you send, the model first writes a summary of the %n oldest message(s), up to “{last}”: one more request.</source>
        <translation>
            <numerusform>عند الإرسال لا يلخّص النموذج أي رسائل، حتى «{last}».</numerusform>
            <numerusform>عند الإرسال يكتب النموذج أولًا ملخصًا للرسالة الأقدم، «{last}»، ويعني ذلك طلب HTTP إضافيًا.</numerusform>
            <numerusform>عند الإرسال يكتب النموذج أولًا ملخصًا لأقدم رسالتين، حتى «{last}»، ويعني ذلك طلب HTTP إضافيًا.</numerusform>
            <numerusform>عند الإرسال يكتب النموذج أولًا ملخصًا لأقدم %n رسائل، حتى «{last}»، ويعني ذلك طلب HTTP إضافيًا.</numerusform>
            <numerusform>عند الإرسال يكتب النموذج أولًا ملخصًا لأقدم %n رسالة، حتى «{last}»، ويعني ذلك طلب HTTP إضافيًا.</numerusform>
            <numerusform>عند الإرسال يكتب النموذج أولًا ملخصًا لأقدم %n رسالة، حتى «{last}»، ويعني ذلك طلب HTTP إضافيًا.</numerusform>
        </translation>
    </message>
    <message>
        <source>Your prompt follows.</source>
        <translation>يليه طلبك.</translation>
    </message>
    <message numerus="yes">
        <source>{model} summarises %n message(s)…</source>
        <translation>
            <numerusform>لا رسائل يلخّصها {model}…</numerusform>
            <numerusform>يلخّص {model} رسالة واحدة…</numerusform>
            <numerusform>يلخّص {model} رسالتين…</numerusform>
            <numerusform>يلخّص {model} عدد %n رسائل…</numerusform>
            <numerusform>يلخّص {model} عدد %n رسالة…</numerusform>
            <numerusform>يلخّص {model} عدد %n رسالة…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConversationPage</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>لا نماذج</numerusform>
            <numerusform>نموذج واحد</numerusform>
            <numerusform>نموذجان</numerusform>
            <numerusform>%n نماذج</numerusform>
            <numerusform>%n نموذجًا</numerusform>
            <numerusform>%n نموذج</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>اسأل ما تشاء</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
    </message>
    <message>
        <source>Reply to {model}…</source>
        <translation>الرد على {model}…</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>الرد…</translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message>
        <source>A damaged history</source>
        <translation>سجل تالف</translation>
    </message>
    <message>
        <source>All conversations, without keys. The Weir archive keeps everything and can be read again; the other forms show the branch that is on screen, one file for each conversation in a zip.</source>
        <translation>كل المحادثات، بلا مفاتيح. يحفظ أرشيف Weir كل شيء ويمكن قراءته من جديد، أما الصيغ الأخرى فتعرض الفرع الظاهر على الشاشة، في ملف لكل محادثة داخل ملف zip.</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>استعادة</translation>
    </message>
    <message>
        <source>Bring conversations in</source>
        <translation>استيراد المحادثات</translation>
    </message>
    <message>
        <source>Bringing conversations back… {share}</source>
        <translation>جارٍ استعادة المحادثات… {share}</translation>
    </message>
    <message>
        <source>Bringing conversations in… {share}</source>
        <translation>جارٍ استيراد المحادثات… {share}</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>إلغاء</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>البيانات</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>تصدير كل شيء…</translation>
    </message>
    <message>
        <source>Form of the export</source>
        <translation>صيغة التصدير</translation>
    </message>
    <message>
        <source>From the export of ChatGPT, Claude, Open WebUI or LibreChat, from a Weir archive, or from one of Weir’s backups. Branches, pictures and files come along where the export has them. What is here already is not changed, and bringing the same file in again adds nothing.</source>
        <translation>من تصدير ChatGPT أو Claude أو Open WebUI أو LibreChat، أو من أرشيف Weir، أو من إحدى نسخ Weir الاحتياطية. تُستورد معها الفروع والصور والملفات إن وُجدت في التصدير. لا يتغير ما هو موجود هنا، ولا يضيف استيراد الملف نفسه مرة أخرى شيئًا.</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>استيراد…</translation>
    </message>
    <message>
        <source>Saving conversations… {share}</source>
        <translation>جارٍ حفظ المحادثات… {share}</translation>
    </message>
    <message>
        <source>Take conversations out</source>
        <translation>تصدير المحادثات</translation>
    </message>
    <message>
        <source>The history was damaged. It is set aside whole as {name}. What the newest good backup has, and what can still be read of the damaged file, can be brought back.</source>
        <translation>تلف السجل، وقد وُضع جانبًا كاملًا باسم {name}. يمكن استعادة ما في أحدث نسخة احتياطية سليمة وما لا يزال مقروءًا من الملف التالف.</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Choose a model first.</source>
        <translation>اختر نموذجًا أولًا.</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>لم تعد هذه المحادثة موجودة.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>ما زالت نقاط الوصول قيد القراءة. أعد الإرسال بعد لحظة.</translation>
    </message>
</context>
<context>
    <name>DesktopPage</name>
    <message>
        <source>Command for a quick question</source>
        <translation>أمر السؤال السريع</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>نسخ</translation>
    </message>
    <message>
        <source>Desktop</source>
        <translation>سطح المكتب</translation>
    </message>
    <message>
        <source>For replies that took longer than five seconds and came, or failed, while another program was in front. The notification names the conversation and the model; a click opens it.</source>
        <translation>للردود التي استغرقت أكثر من خمس ثوانٍ ووصلت أو فشلت بينما كان برنامج آخر في المقدمة. يذكر الإشعار المحادثة والنموذج، ويفتحها النقر عليه.</translation>
    </message>
    <message>
        <source>Icon in the notification area</source>
        <translation>أيقونة في منطقة الإشعارات</translation>
    </message>
    <message>
        <source>It may then be read on a locked screen.</source>
        <translation>قد يُقرأ عندئذٍ على شاشة مقفلة.</translation>
    </message>
    <message>
        <source>Its menu leads to the window, a quick question and a new conversation, and ends Weir.</source>
        <translation>تقود قائمتها إلى النافذة وسؤال سريع ومحادثة جديدة، وتُنهي Weir.</translation>
    </message>
    <message>
        <source>Keep Weir running when its window is closed</source>
        <translation>إبقاء Weir قيد التشغيل عند إغلاق نافذته</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>النموذج</translation>
    </message>
    <message>
        <source>Model for quick questions</source>
        <translation>نموذج الأسئلة السريعة</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <translation>بلا</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>الإشعارات</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>الشخصية</translation>
    </message>
    <message>
        <source>Persona for quick questions</source>
        <translation>شخصية الأسئلة السريعة</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>سؤال سريع</translation>
    </message>
    <message>
        <source>Show an icon of Weir</source>
        <translation>إظهار أيقونة Weir</translation>
    </message>
    <message>
        <source>Show the beginning of the reply in it</source>
        <translation>عرض بداية الرد فيه</translation>
    </message>
    <message>
        <source>Tell me when a long reply is there</source>
        <translation>إشعاري عند وصول رد طويل</translation>
    </message>
    <message>
        <source>The one used last</source>
        <translation>آخر ما استُخدم</translation>
    </message>
    <message>
        <source>There is no place for such icons at the moment.</source>
        <translation>لا يوجد حاليًا مكان لمثل هذه الأيقونات.</translation>
    </message>
    <message>
        <source>This command opens a small window for one question. Give it a key in your desktop’s keyboard settings; Weir itself hears no keys while another program is in front.</source>
        <translation>يفتح هذا الأمر نافذة صغيرة لسؤال واحد. خصّص له مفتاحًا في إعدادات لوحة المفاتيح لسطح المكتب، فلا يلتقط Weir نفسه أي مفاتيح وبرنامج آخر في المقدمة.</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment, and closing the window ends Weir as usual.</source>
        <translation>لا يعرض سطح المكتب هذا حاليًا مثل هذه الأيقونات، ويُنهي إغلاق النافذة Weir كالمعتاد.</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment; some need an extension for them.</source>
        <translation>لا يعرض سطح المكتب هذا حاليًا مثل هذه الأيقونات، ويحتاج بعضها إلى إضافة لعرضها.</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Answer</source>
        <extracomment>A page of the stream’s window: the HTTP answer’s head</extracomment>
        <translation>الاستجابة</translation>
    </message>
    <message>
        <source>Findings</source>
        <extracomment>A page of the stream’s window: what is remarkable about the stream</extracomment>
        <translation>الملاحظات</translation>
    </message>
    <message>
        <source>Record</source>
        <extracomment>A page of the stream’s window: one record of the stream</extracomment>
        <translation>القيد</translation>
    </message>
    <message>
        <source>Request</source>
        <extracomment>A page of the stream’s window: the HTTP request that was sent</extracomment>
        <translation>طلب HTTP</translation>
    </message>
    <message>
        <source>The answer’s head</source>
        <translation>ترويسة الاستجابة</translation>
    </message>
    <message>
        <source>The request</source>
        <translation>طلب HTTP</translation>
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
            <numerusform>لا نماذج تجيب.</numerusform>
            <numerusform>يجيب نموذج واحد.</numerusform>
            <numerusform>يجيب نموذجان جنبًا إلى جنب.</numerusform>
            <numerusform>تجيب %n نماذج جنبًا إلى جنب.</numerusform>
            <numerusform>يجيب %n نموذجًا جنبًا إلى جنب.</numerusform>
            <numerusform>يجيب %n نموذج جنبًا إلى جنب.</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a model above, then ask.</source>
        <translation>اختر نموذجًا في الأعلى، ثم اسأل.</translation>
    </message>
    <message>
        <source>The demo model answers here, offline. It is small, and often wrong.</source>
        <translation>يجيب هنا النموذج التجريبي بلا اتصال. وهو صغير وكثيرًا ما يخطئ.</translation>
    </message>
    <message>
        <source>What do you want to know?</source>
        <translation>ماذا تريد أن تعرف؟</translation>
    </message>
    <message>
        <source>{model} answers on this computer.</source>
        <translation>يجيب {model} على هذا الحاسوب.</translation>
    </message>
    <message>
        <source>{model} at {endpoint} answers.</source>
        <translation>يجيب {model} من {endpoint}.</translation>
    </message>
</context>
<context>
    <name>Ending</name>
    <message>
        <source>The length limit was reached before there was any text</source>
        <translation>بُلغ حد الطول قبل ظهور أي نص</translation>
    </message>
    <message>
        <source>The model asked for a tool; Weir has none to offer</source>
        <translation>طلب النموذج أداة، وليس لدى Weir ما يقدّمه</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>امتنع النموذج عن الإجابة</translation>
    </message>
    <message>
        <source>The reply reached its length limit</source>
        <translation>بلغ الرد حد الطول</translation>
    </message>
    <message>
        <source>The service ended the reply for a reason of its own</source>
        <translation>أنهت الخدمة الرد لسبب يخصها</translation>
    </message>
    <message>
        <source>The service paused the reply</source>
        <translation>أوقفت الخدمة الرد مؤقتًا</translation>
    </message>
    <message>
        <source>The service’s content filter ended the reply</source>
        <translation>أنهى مرشّح المحتوى لدى الخدمة الرد</translation>
    </message>
</context>
<context>
    <name>EndpointEditor</name>
    <message>
        <source>A JSON object that goes with every request.</source>
        <translation>كائن JSON يُرسل مع كل طلب HTTP.</translation>
    </message>
    <message>
        <source>A JSON object, sent as it is, with {{prompt}}, {{messages}}, {{system}}, {{model}} or {{conversation}} where they belong. Left empty, a form that most services take is sent.</source>
        <translation>كائن JSON يُرسل كما هو، مع {{prompt}} أو {{messages}} أو {{system}} أو {{model}} أو {{conversation}} في مواضعها. إذا تُرك فارغًا أُرسلت صيغة تقبلها معظم الخدمات.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>العنوان</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>المتن</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>إلغاء</translation>
    </message>
    <message>
        <source>Extra body</source>
        <translation>متن إضافي</translation>
    </message>
    <message>
        <source>Extra body, as JSON</source>
        <translation>متن إضافي، بصيغة JSON</translation>
    </message>
    <message>
        <source>Goes into the keyring. Leave it empty where none is needed.</source>
        <translation>يُحفظ في حلقة المفاتيح. اتركه فارغًا إن لم تكن هناك حاجة إليه.</translation>
    </message>
    <message>
        <source>Goes into {keyring}. Leave it empty where none is needed.</source>
        <translation>يُحفظ في {keyring}. اتركه فارغًا إن لم تكن هناك حاجة إليه.</translation>
    </message>
    <message>
        <source>Headers</source>
        <translation>الترويسات</translation>
    </message>
    <message>
        <source>Headers, one a line</source>
        <translation>الترويسات، واحدة في كل سطر</translation>
    </message>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>المفتاح</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>النماذج</translation>
    </message>
    <message>
        <source>Models, one a line</source>
        <translation>النماذج، واحد في كل سطر</translation>
    </message>
    <message>
        <source>Most servers speak OpenAI Chat Completions.</source>
        <translation>معظم الخوادم تستخدم OpenAI Chat Completions.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>الاسم</translation>
    </message>
    <message>
        <source>New endpoint</source>
        <translation>نقطة وصول جديدة</translation>
    </message>
    <message>
        <source>One a line, for services that do not list theirs.</source>
        <translation>واحد في كل سطر، للخدمات التي لا تعرض قائمة نماذجها.</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>ألصق مفتاحًا</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>البروتوكول</translation>
    </message>
    <message>
        <source>Remove</source>
        <extracomment>On a button: remove the key</extracomment>
        <translation>إزالة</translation>
    </message>
    <message>
        <source>Remove endpoint</source>
        <translation>إزالة نقطة الوصول</translation>
    </message>
    <message>
        <source>Replace</source>
        <extracomment>On a button: enter another key</extracomment>
        <translation>استبدال</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>حفظ</translation>
    </message>
    <message>
        <source>Sent with every request, and kept in a readable file. Write {key} where the key belongs, or {secret} as the whole value for a key of its own.</source>
        <translation>تُرسل مع كل طلب HTTP وتُحفظ في ملف مقروء. اكتب {key} في موضع المفتاح، أو {secret} قيمةً كاملة لمفتاح مستقل.</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the endpoint works</extracomment>
        <translation>اختبار</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use: a key is kept in memory for this run only.</source>
        <translation>لا توجد في هذا الحاسوب حلقة مفاتيح يستطيع Weir استخدامها: يبقى المفتاح في الذاكرة لهذا التشغيل فقط.</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>في هذا المفتاح محارف لا توجد في أي مفتاح.</translation>
    </message>
</context>
<context>
    <name>EndpointList</name>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add an endpoint</extracomment>
        <translation>إضافة…</translation>
    </message>
    <message>
        <source>An endpoint is a service or a server that Weir can ask, with its address and its key.</source>
        <translation>نقطة الوصول خدمة أو خادم يستطيع Weir سؤاله، ولها عنوان ومفتاح.</translation>
    </message>
    <message>
        <source>Another server or your own</source>
        <translation>خادم آخر أو خادمك الخاص</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>تعديل</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>تعديل {name}</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>نقاط الوصول</translation>
    </message>
    <message>
        <source>Service to add</source>
        <translation>الخدمة المراد إضافتها</translation>
    </message>
    <message>
        <source>started by Weir, no address needed</source>
        <translation>يشغّله Weir، ولا حاجة إلى عنوان</translation>
    </message>
</context>
<context>
    <name>EndpointText</name>
    <message>
        <source>In a JSON pointer, write “~0” for “~” and “~1” for a “/” in a name.</source>
        <translation>في مؤشر JSON اكتب «~0» بدل «~»، و«~1» بدل «/» في الاسم.</translation>
    </message>
    <message>
        <source>Leave name and password out of the address; the key has its own field.</source>
        <translation>لا تضع الاسم وكلمة المرور في العنوان، فللمفتاح حقله الخاص.</translation>
    </message>
    <message>
        <source>Leave out what follows “?” or “#” in the address.</source>
        <translation>احذف ما يلي «?» أو «#» في العنوان.</translation>
    </message>
    <message>
        <source>Leave out “/chat/completions”: the address ends before it, usually in /v1.</source>
        <translation>احذف «/chat/completions»: ينتهي العنوان قبله، وعادةً عند /v1.</translation>
    </message>
    <message>
        <source>Line {number} of the headers has to look like “Name: value”.</source>
        <translation>يجب أن يكون السطر {number} من الترويسات على الشكل «Name: value».</translation>
    </message>
    <message>
        <source>The address has to look like https://example.com/v1.</source>
        <translation>يجب أن يكون العنوان على الشكل https://example.com/v1.</translation>
    </message>
    <message>
        <source>The extra body has to be a JSON object, in braces: { … }.</source>
        <translation>يجب أن يكون المتن الإضافي كائن JSON بين قوسين معقوفين: { … }.</translation>
    </message>
    <message>
        <source>The extra body is nested too deeply.</source>
        <translation>مستويات التداخل في المتن الإضافي أكثر من المسموح.</translation>
    </message>
    <message>
        <source>The extra body is not JSON: line {line}, column {column}: {reason}.</source>
        <translation>المتن الإضافي ليس JSON: السطر {line}، العمود {column}: {reason}.</translation>
    </message>
    <message>
        <source>The value in line {number} of the headers may hold plain ASCII letters only.</source>
        <translation>لا يجوز أن تحتوي القيمة في السطر {number} من الترويسات إلا على محارف ASCII بسيطة.</translation>
    </message>
    <message>
        <source>Where the text is has to look like /data/text, or be empty.</source>
        <translation>يجب أن يكون موضع النص على الشكل /data/text، أو أن يُترك فارغًا.</translation>
    </message>
    <message>
        <source>Without https, what you send and the key can be read on the way.</source>
        <translation>من دون https يمكن أن يُقرأ في الطريق ما ترسله وكذلك المفتاح.</translation>
    </message>
    <message>
        <source>a colon is missing</source>
        <translation>تنقص نقطتان رأسيتان</translation>
    </message>
    <message>
        <source>a comma is missing</source>
        <translation>تنقص فاصلة</translation>
    </message>
    <message>
        <source>a name in double quotes is missing, or a comma is too many</source>
        <translation>ينقص اسم بين علامتي تنصيص مزدوجتين، أو توجد فاصلة زائدة</translation>
    </message>
    <message>
        <source>a text holds a line break or a tab</source>
        <translation>في نص فاصل أسطر أو علامة جدولة</translation>
    </message>
    <message>
        <source>a text is not closed by a quote</source>
        <translation>نص غير مغلق بعلامة تنصيص</translation>
    </message>
    <message>
        <source>a value is missing</source>
        <translation>تنقص قيمة</translation>
    </message>
    <message>
        <source>there is a comma too many</source>
        <translation>توجد فاصلة زائدة</translation>
    </message>
    <message>
        <source>there is something after the end</source>
        <translation>يوجد شيء بعد النهاية</translation>
    </message>
    <message>
        <source>“{name}” is set by Weir itself; leave it out.</source>
        <translation>يضبط Weir نفسه «{name}»، فاحذفه.</translation>
    </message>
    <message>
        <source>“{name}” would put the key into a readable file. Write “{{key}}” in its place and use the key’s own field.</source>
        <translation>سيضع «{name}» المفتاح في ملف مقروء. اكتب مكانه «{{key}}» واستخدم حقل المفتاح.</translation>
    </message>
</context>
<context>
    <name>Endpoints</name>
    <message>
        <source>No key needed</source>
        <translation>لا حاجة إلى مفتاح</translation>
    </message>
    <message>
        <source>No key yet</source>
        <translation>لا مفتاح بعد</translation>
    </message>
    <message>
        <source>the keyring</source>
        <translation>حلقة المفاتيح</translation>
    </message>
    <message>
        <source>{key}, for this run only</source>
        <translation>{key}، لهذا التشغيل فقط</translation>
    </message>
    <message>
        <source>{key}, from {variable}, for this run</source>
        <translation>{key}، من {variable}، لهذا التشغيل</translation>
    </message>
    <message>
        <source>{key}, in {keyring}</source>
        <translation>{key}، في {keyring}</translation>
    </message>
</context>
<context>
    <name>Failure</name>
    <message>
        <source>A file of this kind can't be sent to {model}. Remove it, or choose another model above.</source>
        <translation>لا يمكن إرسال ملف من هذا النوع إلى {model}. أزله أو اختر نموذجًا آخر في الأعلى.</translation>
    </message>
    <message>
        <source>Images can't be sent to {model}. Remove them, or choose another model above.</source>
        <translation>لا يمكن إرسال صور إلى {model}. أزلها أو اختر نموذجًا آخر في الأعلى.</translation>
    </message>
    <message>
        <source>No answer from {host} in time. Check your connection, then try again.</source>
        <translation>لم يصل جواب من {host} في الوقت المحدد. تحقق من اتصالك ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>No secure connection to {host}: its certificate was not accepted. If your company uses its own certificates, name their file under Settings, Network.</source>
        <translation>لا اتصال آمن مع {host}: لم تُقبل شهادته. إذا كانت شركتك تستخدم شهاداتها الخاصة، فحدّد ملفها في الإعدادات، صفحة «الشبكة».</translation>
    </message>
    <message>
        <source>Nothing answers chats at {address}. Check the endpoint's address; it usually ends in /v1.</source>
        <translation>لا شيء يجيب عن المحادثات على {address}. تحقق من عنوان نقطة الوصول، فهو ينتهي عادةً بـ /v1.</translation>
    </message>
    <message>
        <source>Nothing is listening at {address}. Is the server running?</source>
        <translation>لا شيء يستمع على {address}. هل الخادم قيد التشغيل؟</translation>
    </message>
    <message>
        <source>Only one image at a time can be sent to {model}. Remove the others, or choose another model above.</source>
        <translation>لا يمكن إرسال أكثر من صورة واحدة في المرة إلى {model}. أزل الصور الأخرى أو اختر نموذجًا آخر في الأعلى.</translation>
    </message>
    <message>
        <source>The connection to {endpoint} ended before the reply did. What had arrived is kept.</source>
        <translation>انتهى الاتصال مع {endpoint} قبل أن ينتهي الرد. ما وصل محفوظ.</translation>
    </message>
    <message>
        <source>The conversation could not be saved. The text stays on screen; make room on the disk or check the folder's permissions.</source>
        <translation>تعذّر حفظ المحادثة. يبقى النص على الشاشة. وفّر مساحة على القرص أو تحقق من أذونات المجلد.</translation>
    </message>
    <message>
        <source>The conversation is longer than {model} can read. Start a new one, or choose a model with a larger context.</source>
        <translation>المحادثة أطول مما يستطيع {model} قراءته. ابدأ محادثة جديدة أو اختر نموذجًا سياقه أكبر.</translation>
    </message>
    <message>
        <source>The endpoint of this conversation is no longer set up. Choose a model above.</source>
        <translation>لم تعد نقطة وصول هذه المحادثة معدّة. اختر نموذجًا في الأعلى.</translation>
    </message>
    <message>
        <source>The model on this computer could not be used.</source>
        <translation>تعذّر استخدام النموذج الموجود على هذا الحاسوب.</translation>
    </message>
    <message>
        <source>The name {host} was not found. Check the address and your connection.</source>
        <translation>لم يُعثر على الاسم {host}. تحقق من العنوان ومن اتصالك.</translation>
    </message>
    <message>
        <source>The proxy did not let the request to {host} through. Check it under Settings, Network.</source>
        <translation>لم يمرّر الوكيل طلب HTTP الموجّه إلى {host}. تحقق منه في الإعدادات، صفحة «الشبكة».</translation>
    </message>
    <message>
        <source>The service</source>
        <translation>الخدمة</translation>
    </message>
    <message>
        <source>There is a web page at {address} instead of a reply. Check the endpoint's address, or sign in to the network first.</source>
        <translation>على {address} صفحة ويب بدل الرد. تحقق من عنوان نقطة الوصول، أو سجّل الدخول إلى الشبكة أولًا.</translation>
    </message>
    <message>
        <source>Weir made a mistake. What had arrived is kept; the log has the details.</source>
        <translation>وقع خطأ في Weir. ما وصل محفوظ، والتفاصيل في سجل الأحداث.</translation>
    </message>
    <message>
        <source>Your account at {endpoint} has no credit left. Add credit there, then try again.</source>
        <translation>لم يبق رصيد في حسابك لدى {endpoint}. أضف رصيدًا هناك ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>the address</source>
        <translation>العنوان</translation>
    </message>
    <message>
        <source>the model</source>
        <translation>النموذج</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>الخادم</translation>
    </message>
    <message>
        <source>{endpoint} asks you to slow down.</source>
        <translation>تطلب منك {endpoint} التمهّل.</translation>
    </message>
    <message>
        <source>{endpoint} could not use the request.</source>
        <translation>لم تستطع {endpoint} استخدام طلب HTTP.</translation>
    </message>
    <message>
        <source>{endpoint} did not accept the key. Replace it under Settings, Endpoints, then try again.</source>
        <translation>لم تقبل {endpoint} المفتاح. استبدله في الإعدادات، صفحة «نقاط الوصول»، ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>{endpoint} does not allow this with your key. Check with the service what the key may be used for.</source>
        <translation>لا تسمح {endpoint} بهذا بمفتاحك. استعلم لدى الخدمة عمّا يتيحه المفتاح.</translation>
    </message>
    <message>
        <source>{endpoint} had a fault of its own. Try again in a moment.</source>
        <translation>وقع عطل لدى {endpoint}. أعد المحاولة بعد لحظة.</translation>
    </message>
    <message>
        <source>{endpoint} has no model named “{model}”. Choose another model above.</source>
        <translation>لا يوجد لدى {endpoint} نموذج باسم «{model}». اختر نموذجًا آخر في الأعلى.</translation>
    </message>
    <message>
        <source>{endpoint} is overloaded right now. Try again in a moment.</source>
        <translation>الحِمل على {endpoint} زائد الآن. أعد المحاولة بعد لحظة.</translation>
    </message>
    <message>
        <source>{endpoint} needs a key. Add one under Settings, Endpoints, then try again.</source>
        <translation>تحتاج {endpoint} إلى مفتاح. أضفه في الإعدادات، صفحة «نقاط الوصول»، ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>{endpoint} reported a problem.</source>
        <translation>أبلغت {endpoint} عن مشكلة.</translation>
    </message>
    <message>
        <source>{endpoint} sent an empty reply. Try again, or choose another model.</source>
        <translation>أرسلت {endpoint} ردًا فارغًا. أعد المحاولة أو اختر نموذجًا آخر.</translation>
    </message>
    <message>
        <source>{endpoint} sent something that is not part of a reply. What had arrived is kept.</source>
        <translation>أرسلت {endpoint} شيئًا ليس جزءًا من رد. ما وصل محفوظ.</translation>
    </message>
    <message>
        <source>{endpoint} went silent. What had arrived is kept.</source>
        <translation>صمتت {endpoint}. ما وصل محفوظ.</translation>
    </message>
    <message>
        <source>“{address}” is not a web address. It has to look like https://example.com/v1.</source>
        <translation>«{address}» ليس عنوان ويب. يجب أن يكون على الشكل https://example.com/v1.</translation>
    </message>
</context>
<context>
    <name>FilterMenu</name>
    <message>
        <source>Date</source>
        <translation>التاريخ</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>المجلد</translation>
    </message>
    <message>
        <source>Has code</source>
        <translation>فيها شيفرة</translation>
    </message>
    <message>
        <source>Last year</source>
        <translation>العام الماضي</translation>
    </message>
    <message>
        <source>Me</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>أنا</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>النموذج</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>الوسم</translation>
    </message>
    <message>
        <source>The last seven days</source>
        <translation>آخر سبعة أيام</translation>
    </message>
    <message>
        <source>The last thirty days</source>
        <translation>آخر ثلاثين يومًا</translation>
    </message>
    <message>
        <source>The model</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>النموذج</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>هذا العام</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>اليوم</translation>
    </message>
    <message>
        <source>Written by</source>
        <translation>الكاتب</translation>
    </message>
</context>
<context>
    <name>FindingCard</name>
    <message>
        <source>Show record {number}</source>
        <translation>إظهار القيد {number}</translation>
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
        <translation>الملاحظات</translation>
    </message>
    <message>
        <source>Nothing to say about it yet.</source>
        <translation>لا شيء يقال عنه بعد.</translation>
    </message>
</context>
<context>
    <name>Finds</name>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
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
        <translation>خادم نماذج على هذا الحاسوب</translation>
    </message>
    <message>
        <source>Another endpoint…</source>
        <translation>نقطة وصول أخرى…</translation>
    </message>
    <message>
        <source>Another server or your own endpoint…</source>
        <translation>خادم آخر أو نقطة وصول خاصة بك…</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>اختيار ملف GGUF…</translation>
    </message>
    <message>
        <source>Demo model, offline</source>
        <translation>نموذج تجريبي، بلا اتصال</translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}</source>
        <translation>
            <numerusform>عُثر عليه، بلا نماذج: {names}</numerusform>
            <numerusform>عُثر عليه، وفيه نموذج واحد: {names}</numerusform>
            <numerusform>عُثر عليه، وفيه نموذجان: {names}</numerusform>
            <numerusform>عُثر عليه، وفيه %n نماذج: {names}</numerusform>
            <numerusform>عُثر عليه، وفيه %n نموذجًا: {names}</numerusform>
            <numerusform>عُثر عليه، وفيه %n نموذج: {names}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}, …</source>
        <extracomment>The names are the first few of the models</extracomment>
        <translation>
            <numerusform>عُثر عليه، بلا نماذج: {names}، …</numerusform>
            <numerusform>عُثر عليه، وفيه نموذج واحد: {names}، …</numerusform>
            <numerusform>عُثر عليه، وفيه نموذجان: {names}، …</numerusform>
            <numerusform>عُثر عليه، وفيه %n نماذج: {names}، …</numerusform>
            <numerusform>عُثر عليه، وفيه %n نموذجًا: {names}، …</numerusform>
            <numerusform>عُثر عليه، وفيه %n نموذج: {names}، …</numerusform>
        </translation>
    </message>
    <message>
        <source>Found, but it has no model yet.</source>
        <translation>عُثر عليه، ولا نموذج فيه بعد.</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>البحث مجددًا</translation>
    </message>
    <message>
        <source>Looking for Ollama, LM Studio and llama.cpp…</source>
        <translation>جارٍ البحث عن Ollama وLM Studio وllama.cpp…</translation>
    </message>
    <message>
        <source>None is running. Ollama, LM Studio and llama.cpp are found by themselves.</source>
        <translation>لا شيء منها قيد التشغيل. يُعثر على Ollama وLM Studio وllama.cpp تلقائيًا.</translation>
    </message>
    <message>
        <source>Runs here at once, no key: try it, or just type. Small, and often wrong.</source>
        <translation>يعمل هنا فورًا بلا مفتاح: جرّبه، أو اكتب مباشرة. وهو صغير وكثيرًا ما يخطئ.</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>تجربة</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>استخدام</translation>
    </message>
    <message>
        <source>Where should answers come from?</source>
        <translation>من أين تأتي الأجوبة؟</translation>
    </message>
    <message>
        <source>You can change this at any time. Nothing leaves this computer until you send a message.</source>
        <translation>يمكنك تغيير هذا في أي وقت. لا يغادر شيء هذا الحاسوب إلى أن ترسل رسالة.</translation>
    </message>
    <message>
        <source>{name} on this computer</source>
        <translation>{name} على هذا الحاسوب</translation>
    </message>
</context>
<context>
    <name>FolderPanel</name>
    <message>
        <source>All conversations</source>
        <translation>كل المحادثات</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>الأرشيف</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>اسم المجلد</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>مجلد جديد</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>مجلد جديد…</translation>
    </message>
    <message>
        <source>Rename folder</source>
        <translation>إعادة تسمية المجلد</translation>
    </message>
</context>
<context>
    <name>Following</name>
    <message>
        <source>Connecting</source>
        <translation>جارٍ الاتصال</translation>
    </message>
    <message>
        <source>Waiting for the first words</source>
        <translation>في انتظار الكلمات الأولى</translation>
    </message>
</context>
<context>
    <name>Formula</name>
    <message>
        <source>and so on</source>
        <translation>وهكذا</translation>
    </message>
    <message>
        <source>bar</source>
        <translation>خط عمودي</translation>
    </message>
    <message>
        <source>close parenthesis</source>
        <translation>إغلاق القوس</translation>
    </message>
    <message>
        <source>divided by</source>
        <translation>مقسومًا على</translation>
    </message>
    <message>
        <source>equals</source>
        <translation>يساوي</translation>
    </message>
    <message>
        <source>factorial</source>
        <translation>عاملي</translation>
    </message>
    <message>
        <source>for all</source>
        <translation>لكل</translation>
    </message>
    <message>
        <source>fraction {said} end of fraction</source>
        <translation>كسر {said} نهاية الكسر</translation>
    </message>
    <message>
        <source>goes to</source>
        <translation>يؤول إلى</translation>
    </message>
    <message>
        <source>implies</source>
        <translation>يستلزم</translation>
    </message>
    <message>
        <source>in</source>
        <translation>ينتمي إلى</translation>
    </message>
    <message>
        <source>infinity</source>
        <translation>لا نهاية</translation>
    </message>
    <message>
        <source>integral</source>
        <translation>تكامل</translation>
    </message>
    <message>
        <source>is about</source>
        <translation>يساوي تقريبًا</translation>
    </message>
    <message>
        <source>is at least</source>
        <translation>أكبر من أو يساوي</translation>
    </message>
    <message>
        <source>is at most</source>
        <translation>أصغر من أو يساوي</translation>
    </message>
    <message>
        <source>is greater than</source>
        <translation>أكبر من</translation>
    </message>
    <message>
        <source>is less than</source>
        <translation>أصغر من</translation>
    </message>
    <message>
        <source>is not equal to</source>
        <translation>لا يساوي</translation>
    </message>
    <message>
        <source>minus</source>
        <translation>ناقص</translation>
    </message>
    <message>
        <source>nabla</source>
        <translation>نابلا</translation>
    </message>
    <message>
        <source>open parenthesis</source>
        <translation>فتح القوس</translation>
    </message>
    <message>
        <source>partial</source>
        <translation>مشتقة جزئية</translation>
    </message>
    <message>
        <source>plus</source>
        <translation>زائد</translation>
    </message>
    <message>
        <source>plus or minus</source>
        <translation>زائد أو ناقص</translation>
    </message>
    <message>
        <source>prime</source>
        <translation>فتحة</translation>
    </message>
    <message>
        <source>product</source>
        <translation>جداء</translation>
    </message>
    <message>
        <source>root of order {index} of {inner}</source>
        <translation>الجذر من الرتبة {index} لـ {inner}</translation>
    </message>
    <message>
        <source>square root of {inner}</source>
        <translation>الجذر التربيعي لـ {inner}</translation>
    </message>
    <message>
        <source>sum</source>
        <translation>مجموع</translation>
    </message>
    <message numerus="yes">
        <source>table with %n row(s)</source>
        <translation>
            <numerusform>جدول بلا صفوف</numerusform>
            <numerusform>جدول من صف واحد</numerusform>
            <numerusform>جدول من صفين</numerusform>
            <numerusform>جدول من %n صفوف</numerusform>
            <numerusform>جدول من %n صفًا</numerusform>
            <numerusform>جدول من %n صف</numerusform>
        </translation>
    </message>
    <message>
        <source>there is</source>
        <translation>يوجد</translation>
    </message>
    <message>
        <source>times</source>
        <translation>ضرب</translation>
    </message>
    <message>
        <source>{base} cubed</source>
        <translation>{base} تكعيب</translation>
    </message>
    <message>
        <source>{base} from {low} to {high} of</source>
        <translation>{base} من {low} إلى {high} لـ</translation>
    </message>
    <message>
        <source>{base} squared</source>
        <translation>{base} تربيع</translation>
    </message>
    <message>
        <source>{base} sub {index}</source>
        <translation>{base} بدليل سفلي {index}</translation>
    </message>
    <message>
        <source>{base} sub {index} to the power of {power}</source>
        <translation>{base} بدليل سفلي {index} أس {power}</translation>
    </message>
    <message>
        <source>{base} to the power of {power}</source>
        <translation>{base} أس {power}</translation>
    </message>
    <message>
        <source>{base} under {low}</source>
        <translation>{base} وتحته {low}</translation>
    </message>
    <message>
        <source>{base} with {high} above</source>
        <translation>{base} وفوقه {high}</translation>
    </message>
    <message>
        <source>{said} end of root</source>
        <translation>{said} نهاية الجذر</translation>
    </message>
    <message>
        <source>{top} over {bottom}</source>
        <translation>{top} على {bottom}</translation>
    </message>
</context>
<context>
    <name>FoundHead</name>
    <message>
        <source>Filter</source>
        <extracomment>Name of a button that narrows a search</extracomment>
        <translation>تصفية</translation>
    </message>
</context>
<context>
    <name>GapPlot</name>
    <message>
        <source>Gaps between records over time</source>
        <translation>الفجوات بين القيود عبر الزمن</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>لا شيء بعد</translation>
    </message>
    <message>
        <source>The longest is {gap}, before record {number}</source>
        <translation>أطولها {gap}، قبل القيد {number}</translation>
    </message>
    <message>
        <source>gap before each record, over time</source>
        <translation>الفجوة قبل كل قيد عبر الزمن</translation>
    </message>
    <message>
        <source>{gap} before record {number}</source>
        <translation>{gap} قبل القيد {number}</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Compare models</source>
        <translation>مقارنة النماذج</translation>
    </message>
    <message>
        <source>More</source>
        <extracomment>On a button: more actions</extracomment>
        <translation>المزيد</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
    </message>
    <message>
        <source>Show the shelf</source>
        <translation>إظهار الشريط الجانبي</translation>
    </message>
</context>
<context>
    <name>HeaderKeys</name>
    <message>
        <source>Key for {header}</source>
        <translation>مفتاح {header}</translation>
    </message>
    <message>
        <source>Leave it empty to keep the key</source>
        <translation>اتركه فارغًا للإبقاء على المفتاح</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>ألصق مفتاحًا</translation>
    </message>
</context>
<context>
    <name>HitDelegate</name>
    <message>
        <source>You: {text}</source>
        <translation>أنت: {text}</translation>
    </message>
</context>
<context>
    <name>HitView</name>
    <message>
        <source>Found</source>
        <extracomment>Name of the list of what a search found</extracomment>
        <translation>النتائج</translation>
    </message>
</context>
<context>
    <name>Inspection</name>
    <message numerus="yes">
        <source>%n end mark(s)</source>
        <translation>
            <numerusform>لا علامات نهاية</numerusform>
            <numerusform>علامة نهاية واحدة</numerusform>
            <numerusform>علامتا نهاية</numerusform>
            <numerusform>%n علامات نهاية</numerusform>
            <numerusform>%n علامة نهاية</numerusform>
            <numerusform>%n علامة نهاية</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n keep-alive comment(s)</source>
        <translation>
            <numerusform>لا تعليقات لإبقاء الاتصال</numerusform>
            <numerusform>تعليق واحد لإبقاء الاتصال</numerusform>
            <numerusform>تعليقان لإبقاء الاتصال</numerusform>
            <numerusform>%n تعليقات لإبقاء الاتصال</numerusform>
            <numerusform>%n تعليقًا لإبقاء الاتصال</numerusform>
            <numerusform>%n تعليق لإبقاء الاتصال</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s), the first {numbers}</source>
        <translation>
            <numerusform>لا قيود، أولها {numbers}</numerusform>
            <numerusform>قيد واحد، {numbers}</numerusform>
            <numerusform>قيدان، أولهما {numbers}</numerusform>
            <numerusform>%n قيود، أولها {numbers}</numerusform>
            <numerusform>%n قيدًا، أولها {numbers}</numerusform>
            <numerusform>%n قيد، أولها {numbers}</numerusform>
        </translation>
    </message>
    <message>
        <source>A NUL is no text: look for a buffer that is sent whole, or for UTF-16.</source>
        <translation>المحرف NUL ليس نصًا: ابحث عن مخزن مؤقت يُرسل بأكمله، أو عن UTF-16.</translation>
    </message>
    <message>
        <source>A blank line.</source>
        <translation>سطر فارغ.</translation>
    </message>
    <message>
        <source>A byte order mark at the beginning</source>
        <translation>علامة ترتيب البايتات في البداية</translation>
    </message>
    <message>
        <source>A byte order mark in {records}</source>
        <translation>علامة ترتيب البايتات في {records}</translation>
    </message>
    <message>
        <source>A comment: it keeps the connection open and says nothing.</source>
        <translation>تعليق: يُبقي الاتصال مفتوحًا ولا يقول شيئًا.</translation>
    </message>
    <message>
        <source>A length is known only when everything is: the reply was collected before it was sent.</source>
        <translation>لا يُعرف الطول إلا بعد معرفة كل شيء: جُمع الرد قبل إرساله.</translation>
    </message>
    <message>
        <source>A long prompt, a model being loaded or a queue; or the beginning was held back by a buffer.</source>
        <translation>طلب طويل أو نموذج قيد التحميل أو قائمة انتظار، أو أن مخزنًا مؤقتًا حبس البداية.</translation>
    </message>
    <message>
        <source>A replay of “{name}”, as fast as it can be read.</source>
        <translation>إعادة تشغيل «{name}» بأسرع ما تمكن القراءة.</translation>
    </message>
    <message>
        <source>A replay of “{name}”, at the pace of the recording.</source>
        <translation>إعادة تشغيل «{name}» بوتيرة التسجيل.</translation>
    </message>
    <message>
        <source>A reply ends once. Clients may stop at the first and miss what follows.</source>
        <translation>ينتهي الرد مرة واحدة. قد تتوقف البرامج عند النهاية الأولى ويفوتها ما يليها.</translation>
    </message>
    <message>
        <source>A silence of {time} before record {number}</source>
        <translation>صمت مدته {time} قبل القيد {number}</translation>
    </message>
    <message>
        <source>After the end came {records}</source>
        <translation>ما جاء بعد النهاية: {records}</translation>
    </message>
    <message>
        <source>All are allowed, but a mix is often a sign of parts written by different hands.</source>
        <translation>كلها مسموح بها، لكن الخلط يدل غالبًا على أجزاء كتبتها جهات مختلفة.</translation>
    </message>
    <message>
        <source>An empty answer</source>
        <translation>استجابة فارغة</translation>
    </message>
    <message>
        <source>An error inside a {status} answer</source>
        <translation>خطأ داخل استجابة {status}</translation>
    </message>
    <message>
        <source>An error: {words}</source>
        <translation>خطأ: {words}</translation>
    </message>
    <message>
        <source>An event stream that is labelled {kind}</source>
        <translation>تدفق أحداث موسوم بأنه {kind}</translation>
    </message>
    <message>
        <source>An id that was there before: {records}</source>
        <translation>معرّف سبق استخدامه: {records}</translation>
    </message>
    <message>
        <source>An “id:” is for one event: clients that resume would go on at the wrong place.</source>
        <translation>كل «id:» لحدث واحد: البرامج التي تستأنف ستتابع من موضع خاطئ.</translation>
    </message>
    <message>
        <source>Before nginx send “X-Accel-Buffering: no”; flush after each event in your own server.</source>
        <translation>أرسل «X-Accel-Buffering: no» قبل nginx، وأفرغ المخزن المؤقت بعد كل حدث في خادمك.</translation>
    </message>
    <message numerus="yes">
        <source>Buffered: {records} records came in %n burst(s)</source>
        <translation>
            <numerusform>تخزين مؤقت: وصلت {records} من القيود بلا دفعات</numerusform>
            <numerusform>تخزين مؤقت: وصلت {records} من القيود في دفعة واحدة</numerusform>
            <numerusform>تخزين مؤقت: وصلت {records} من القيود في دفعتين</numerusform>
            <numerusform>تخزين مؤقت: وصلت {records} من القيود في %n دفعات</numerusform>
            <numerusform>تخزين مؤقت: وصلت {records} من القيود في %n دفعة</numerusform>
            <numerusform>تخزين مؤقت: وصلت {records} من القيود في %n دفعة</numerusform>
        </translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a blank line as well.</source>
        <translation>يُهمل بحسب المعيار. اختم الأخير أيضًا بسطر فارغ.</translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a line end as well.</source>
        <translation>يُهمل بحسب المعيار. اختم الأخير أيضًا بنهاية سطر.</translation>
    </message>
    <message>
        <source>Bytes that are no UTF-8: {records}</source>
        <translation>بايتات ليست UTF-8: {records}</translation>
    </message>
    <message>
        <source>Clients stop reading at the end mark. Send it last.</source>
        <translation>تتوقف البرامج عن القراءة عند علامة النهاية. أرسلها في الآخر.</translation>
    </message>
    <message>
        <source>Compressors hold back what is small. Send event streams as they are; proxies need telling, too.</source>
        <translation>برامج الضغط تحبس ما هو صغير. أرسل تدفقات الأحداث كما هي، ويلزم ضبط الوكلاء على ذلك أيضًا.</translation>
    </message>
    <message>
        <source>Cut in the middle of a record</source>
        <translation>انقطاع في منتصف قيد</translation>
    </message>
    <message>
        <source>Cut off before it was whole.</source>
        <translation>انقطع قبل أن يكتمل.</translation>
    </message>
    <message>
        <source>Data that is not JSON: {records}</source>
        <translation>بيانات ليست JSON: {records}</translation>
    </message>
    <message>
        <source>Event streams are UTF-8 whatever the header says.</source>
        <translation>تدفقات الأحداث بترميز UTF-8 مهما قالت الترويسة.</translation>
    </message>
    <message>
        <source>Events that the protocol does not know: {names}</source>
        <translation>أحداث لا يعرفها البروتوكول: {names}</translation>
    </message>
    <message>
        <source>If the model was not thinking there, look for a server or a proxy that stalls. Comments (lines that begin with “:”) every 15 s keep proxies from hanging up.</source>
        <translation>إذا لم يكن النموذج يستدل هناك، فابحث عن خادم أو وكيل يتعثر. التعليقات (أسطر تبدأ بـ «:») كل 15 ثانية تمنع الوكلاء من قطع الاتصال.</translation>
    </message>
    <message>
        <source>It came by way of {via}.</source>
        <translation>جاء عن طريق {via}.</translation>
    </message>
    <message>
        <source>It does not say where to.</source>
        <translation>لا يقول إلى أين.</translation>
    </message>
    <message>
        <source>It ends before its last bracket: the server, or something on the way, stopped there.</source>
        <translation>ينتهي قبل قوسه الأخير: توقف الخادم أو شيء في الطريق هناك.</translation>
    </message>
    <message>
        <source>It knows no chunks, so that an end can’t be told from a cut. In nginx set “proxy_http_version 1.1”.</source>
        <translation>لا يعرف المقاطع، فلا يمكن تمييز النهاية من الانقطاع. اضبط في nginx «proxy_http_version 1.1».</translation>
    </message>
    <message>
        <source>It says “X-Accel-Buffering: yes”: send “no”.</source>
        <translation>تقول «X-Accel-Buffering: yes»، والصحيح إرسال «no».</translation>
    </message>
    <message>
        <source>Its length was known beforehand, so that it was whole before it was sent.</source>
        <translation>كان طولها معروفًا مسبقًا، أي أنها اكتملت قبل إرسالها.</translation>
    </message>
    <message>
        <source>Its type is {kind}. Perhaps the address is wrong, or a proxy answered with a page.</source>
        <translation>نوعها {kind}. ربما كان العنوان خاطئًا، أو أجاب وكيل بصفحة.</translation>
    </message>
    <message>
        <source>JSON that is labelled as an event stream</source>
        <translation>JSON موسوم بأنه تدفق أحداث</translation>
    </message>
    <message>
        <source>Line ends are mixed: {kinds}</source>
        <translation>نهايات الأسطر مختلطة: {kinds}</translation>
    </message>
    <message>
        <source>Lines of JSON that are labelled {kind}</source>
        <translation>أسطر JSON موسومة بأنها {kind}</translation>
    </message>
    <message>
        <source>NUL bytes in {records}</source>
        <translation>بايتات NUL في {records}</translation>
    </message>
    <message>
        <source>No [DONE] at the end</source>
        <translation>لا يوجد [DONE] في النهاية</translation>
    </message>
    <message>
        <source>No data in it.</source>
        <translation>لا بيانات فيه.</translation>
    </message>
    <message>
        <source>No end mark came, so that the stream can’t be told from a cut one.</source>
        <translation>لم تصل علامة نهاية، فلا يمكن تمييز التدفق من تدفق مقطوع.</translation>
    </message>
    <message>
        <source>No usage was sent</source>
        <translation>لم يُرسل الاستهلاك</translation>
    </message>
    <message>
        <source>Not everything is shown</source>
        <translation>لا يُعرض كل شيء</translation>
    </message>
    <message>
        <source>Not kept: {size}. Recordings have room for {room} together.</source>
        <translation>لم يُحفظ: {size}. تتّسع التسجيلات كلها لـ {room}.</translation>
    </message>
    <message>
        <source>Not read to its end</source>
        <translation>لم يُقرأ حتى نهايته</translation>
    </message>
    <message>
        <source>Not read: the reply had ended.</source>
        <translation>لم يُقرأ: كان الرد قد انتهى.</translation>
    </message>
    <message>
        <source>Not read: the reply had failed.</source>
        <translation>لم يُقرأ: كان الرد قد فشل.</translation>
    </message>
    <message>
        <source>Nothing that is whole yet.</source>
        <translation>لا شيء مكتمل بعد.</translation>
    </message>
    <message>
        <source>Nothing wrong with this stream</source>
        <translation>لا خلل في هذا التدفق</translation>
    </message>
    <message>
        <source>One is enough; nothing is read after the first.</source>
        <translation>تكفي واحدة، ولا يُقرأ شيء بعد الأولى.</translation>
    </message>
    <message>
        <source>Only the end of the connection ends it, which a break can’t be told from. Send “Transfer-Encoding: chunked”.</source>
        <translation>لا ينهيه إلا انتهاء الاتصال، وهو ما لا يمكن تمييزه من الانقطاع. أرسل «Transfer-Encoding: chunked».</translation>
    </message>
    <message>
        <source>Only the very first bytes may be one. Perhaps files or buffers were put one after the other.</source>
        <translation>لا يجوز أن تكون إلا في البايتات الأولى. ربما وُصلت ملفات أو مخازن مؤقتة بعضها ببعض.</translation>
    </message>
    <message>
        <source>Records, order, end and transport are as they should be.</source>
        <translation>القيود والترتيب والنهاية والنقل كلها كما ينبغي.</translation>
    </message>
    <message>
        <source>Replay of {name}</source>
        <translation>إعادة تشغيل {name}</translation>
    </message>
    <message>
        <source>Send each event’s JSON on data lines of its own and end it with a blank line. JSON that goes over several lines needs “data: ” before each of them.</source>
        <translation>أرسل JSON كل حدث في أسطر بيانات خاصة به واختمه بسطر فارغ. وإذا امتد JSON على عدة أسطر لزم «data: » قبل كل منها.</translation>
    </message>
    <message>
        <source>Send events, or “Content-Type: application/json”.</source>
        <translation>أرسل أحداثًا، أو «Content-Type: application/json».</translation>
    </message>
    <message>
        <source>Send “Content-Type: application/x-ndjson”.</source>
        <translation>أرسل «Content-Type: application/x-ndjson».</translation>
    </message>
    <message>
        <source>Send “Content-Type: text/event-stream”: many clients refuse anything else.</source>
        <translation>أرسل «Content-Type: text/event-stream»: برامج كثيرة ترفض ما سواه.</translation>
    </message>
    <message>
        <source>Several events without a blank line between: {records}</source>
        <translation>عدة أحداث بلا سطر فارغ بينها: {records}</translation>
    </message>
    <message>
        <source>Something between the model and Weir collects the stream.</source>
        <translation>شيء بين النموذج وWeir يجمّع التدفق.</translation>
    </message>
    <message>
        <source>The answer came by HTTP/1.0</source>
        <translation>جاءت الاستجابة عبر HTTP/1.0</translation>
    </message>
    <message>
        <source>The answer is compressed ({encoding}), and compressors wait for more: switch that off.</source>
        <translation>الاستجابة مضغوطة ({encoding})، وبرامج الضغط تنتظر المزيد: أوقف الضغط.</translation>
    </message>
    <message>
        <source>The answer is no reply</source>
        <translation>الاستجابة ليست ردًا</translation>
    </message>
    <message>
        <source>The answer is not sent in HTTP chunks</source>
        <translation>لم تُرسل الاستجابة في مقاطع HTTP</translation>
    </message>
    <message>
        <source>The body ({size}) was too large to be kept.</source>
        <translation>كان المتن ({size}) أكبر من أن يُحفظ.</translation>
    </message>
    <message>
        <source>The body says more; see the records and the answer’s headers.</source>
        <translation>يقول المتن المزيد. انظر القيود وترويسات الاستجابة.</translation>
    </message>
    <message>
        <source>The connection broke before the answer ended</source>
        <translation>انقطع الاتصال قبل انتهاء الاستجابة</translation>
    </message>
    <message>
        <source>The document is not whole</source>
        <translation>المستند غير كامل</translation>
    </message>
    <message>
        <source>The end mark is missing</source>
        <translation>علامة النهاية ناقصة</translation>
    </message>
    <message>
        <source>The end mark.</source>
        <translation>علامة النهاية.</translation>
    </message>
    <message>
        <source>The event “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>لم يصل الحدث «{name}»، فلا يمكن تمييز التدفق من تدفق مقطوع.</translation>
    </message>
    <message>
        <source>The field “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>لم يصل الحقل «{name}»، فلا يمكن تمييز التدفق من تدفق مقطوع.</translation>
    </message>
    <message>
        <source>The file was changed since it was recorded: the times no longer belong to the same bytes.</source>
        <translation>تغيّر الملف منذ تسجيله: لم تعد الأزمنة تخص البايتات نفسها.</translation>
    </message>
    <message>
        <source>The first record came after {time}</source>
        <translation>جاء القيد الأول بعد {time}</translation>
    </message>
    <message>
        <source>The head of an answer came, and nothing after it.</source>
        <translation>جاءت ترويسة استجابة ولم يأت شيء بعدها.</translation>
    </message>
    <message>
        <source>The last record has no blank line</source>
        <translation>ليس بعد القيد الأخير سطر فارغ</translation>
    </message>
    <message>
        <source>The last record has no line end</source>
        <translation>ليس في القيد الأخير نهاية سطر</translation>
    </message>
    <message>
        <source>The model said that it had ended, but “data: [DONE]” did not follow. Some clients wait for it.</source>
        <translation>قال النموذج إنه انتهى، لكن لم يتبعه «data: [DONE]». بعض البرامج تنتظره.</translation>
    </message>
    <message>
        <source>The protocol is not known.</source>
        <translation>البروتوكول غير معروف.</translation>
    </message>
    <message>
        <source>The protocol of {name} can’t be told from its records. Name it with --protocol, one of: {known}.</source>
        <translation>لا يمكن معرفة بروتوكول {name} من قيوده. حدّده بالخيار --protocol بأحد هذه: {known}.</translation>
    </message>
    <message>
        <source>The reply came as one document</source>
        <translation>جاء الرد مستندًا واحدًا</translation>
    </message>
    <message numerus="yes">
        <source>The reply ended %n time(s)</source>
        <translation>
            <numerusform>لم ينته الرد</numerusform>
            <numerusform>انتهى الرد مرة واحدة</numerusform>
            <numerusform>انتهى الرد مرتين</numerusform>
            <numerusform>انتهى الرد %n مرات</numerusform>
            <numerusform>انتهى الرد %n مرة</numerusform>
            <numerusform>انتهى الرد %n مرة</numerusform>
        </translation>
    </message>
    <message>
        <source>The reply failed</source>
        <translation>فشل الرد</translation>
    </message>
    <message>
        <source>The server asks to wait (Retry-After: {after}).</source>
        <translation>يطلب الخادم الانتظار (Retry-After: {after}).</translation>
    </message>
    <message>
        <source>The server closed the connection, or it could not be reached.</source>
        <translation>أغلق الخادم الاتصال، أو تعذّر الوصول إليه.</translation>
    </message>
    <message>
        <source>The server did not stream. If it should, see whether the request says so and the server looks.</source>
        <translation>لم يرسل الخادم تدفقًا. إن كان ينبغي له ذلك، فانظر هل ورد ذلك في طلب HTTP وهل يراعيه الخادم.</translation>
    </message>
    <message>
        <source>The server or a proxy hung up: look for a crash, a time limit, or a limit on the answer’s size.</source>
        <translation>قطع الخادم أو وكيلٌ الاتصال: ابحث عن انهيار أو حد زمني أو حد لحجم الاستجابة.</translation>
    </message>
    <message>
        <source>The server refused: {name}</source>
        <translation>رفض الخادم: {name}</translation>
    </message>
    <message>
        <source>The server sends on ({name})</source>
        <translation>يحيل الخادم إلى مكان آخر ({name})</translation>
    </message>
    <message>
        <source>The server, or something on the way, ended the answer before the record was whole.</source>
        <translation>أنهى الخادم أو شيء في الطريق الاستجابة قبل اكتمال القيد.</translation>
    </message>
    <message>
        <source>The stream has a length ({length} bytes)</source>
        <translation>للتدفق طول محدد ({length} بايت)</translation>
    </message>
    <message>
        <source>The stream is compressed ({encoding})</source>
        <translation>التدفق مضغوط ({encoding})</translation>
    </message>
    <message>
        <source>The type names another charset: {kind}</source>
        <translation>يذكر النوع ترميزًا آخر: {kind}</translation>
    </message>
    <message>
        <source>There is no file {file}.</source>
        <translation>لا يوجد ملف {file}.</translation>
    </message>
    <message>
        <source>There was neither a “finish_reason” nor “data: [DONE]”, so that the stream can’t be told from a cut one.</source>
        <translation>لم يأت «finish_reason» ولا «data: [DONE]»، فلا يمكن تمييز التدفق من تدفق مقطوع.</translation>
    </message>
    <message>
        <source>There was no answer</source>
        <translation>لم تأت استجابة</translation>
    </message>
    <message>
        <source>They became “�”. Event streams are UTF-8 by their standard; don’t cut characters in two when text is taken apart as bytes.</source>
        <translation>تحولت إلى «�». تدفقات الأحداث بترميز UTF-8 بحسب معيارها، فلا تقسم المحارف عند تقطيع النص إلى بايتات.</translation>
    </message>
    <message>
        <source>They keep the connection open and say nothing. That is as it should be.</source>
        <translation>تُبقي الاتصال مفتوحًا ولا تقول شيئًا. هذا كما ينبغي.</translation>
    </message>
    <message>
        <source>This conversation is kept nowhere, and nobody is asked.</source>
        <translation>لا تُحفظ هذه المحادثة في أي مكان، ولا يُسأل أحد.</translation>
    </message>
    <message>
        <source>This header asks nginx to collect the stream. Send “no”.</source>
        <translation>تطلب هذه الترويسة من nginx تجميع التدفق. أرسل «no».</translation>
    </message>
    <message>
        <source>This is not JSON: the reply ended here.</source>
        <translation>هذا ليس JSON: انتهى الرد هنا.</translation>
    </message>
    <message>
        <source>To {target}.</source>
        <translation>إلى {target}.</translation>
    </message>
    <message>
        <source>Tokens can’t be counted without it.</source>
        <translation>لا يمكن عدّ الرموز من دونه.</translation>
    </message>
    <message>
        <source>Weir asks for it by {option}; the server may not know it.</source>
        <translation>يطلبه Weir عن طريق {option}، وقد لا يعرفه الخادم.</translation>
    </message>
    <message>
        <source>Weir closed the connection: the reply was stopped, or it failed.</source>
        <translation>أغلق Weir الاتصال: أُوقف الرد أو فشل.</translation>
    </message>
    <message>
        <source>Weir passes over it; some clients take it for a part of the first field’s name.</source>
        <translation>يتجاوزها Weir، وتعدّها بعض البرامج جزءًا من اسم الحقل الأول.</translation>
    </message>
    <message>
        <source>Weir passes over them. If they should say something, compare their names with the protocol’s.</source>
        <translation>يتجاوزها Weir. إن كان ينبغي أن تقول شيئًا، فقارن أسماءها بأسماء البروتوكول.</translation>
    </message>
    <message>
        <source>Weir takes them apart, other clients may not. End each event with a blank line.</source>
        <translation>يفصل Weir بينها، وقد لا تفعل برامج أخرى ذلك. اختم كل حدث بسطر فارغ.</translation>
    </message>
    <message>
        <source>a line of its head is “{line}”.</source>
        <translation>من أسطر ترويسته «{line}».</translation>
    </message>
    <message>
        <source>end</source>
        <translation>نهاية</translation>
    </message>
    <message>
        <source>it holds no text.</source>
        <translation>لا نص فيه.</translation>
    </message>
    <message>
        <source>it was written by a newer Weir. Update this one to play it.</source>
        <translation>كتبه إصدار أحدث من Weir. حدّث هذا الإصدار لتشغيله.</translation>
    </message>
    <message>
        <source>nginx stands between: send “X-Accel-Buffering: no”, or set “proxy_buffering off”.</source>
        <translation>يقف nginx بينهما: أرسل «X-Accel-Buffering: no» أو اضبط «proxy_buffering off».</translation>
    </message>
    <message>
        <source>no counts</source>
        <translation>بلا أعداد</translation>
    </message>
    <message>
        <source>none</source>
        <translation>بلا</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>عنصر نائب</translation>
    </message>
    <message>
        <source>progress</source>
        <translation>تقدّم</translation>
    </message>
    <message>
        <source>reasoning</source>
        <translation>استدلال</translation>
    </message>
    <message>
        <source>record {number}</source>
        <translation>القيد {number}</translation>
    </message>
    <message>
        <source>records {numbers}</source>
        <translation>القيود {numbers}</translation>
    </message>
    <message>
        <source>refusal</source>
        <translation>رفض</translation>
    </message>
    <message>
        <source>text</source>
        <translation>نص</translation>
    </message>
    <message>
        <source>the line “:weir body” is missing.</source>
        <translation>السطر «:weir body» ناقص.</translation>
    </message>
    <message>
        <source>there is a head of HTTP in it, and no body.</source>
        <translation>فيه ترويسة HTTP ولا متن.</translation>
    </message>
    <message>
        <source>tool call</source>
        <translation>استدعاء أداة</translation>
    </message>
    <message>
        <source>usage</source>
        <translation>استهلاك</translation>
    </message>
    <message>
        <source>what follows “:weir {name}” is no JSON object.</source>
        <translation>ما يلي «:weir {name}» ليس كائن JSON.</translation>
    </message>
    <message>
        <source>{count} cached</source>
        <translation>{count} مخزّنة مؤقتًا</translation>
    </message>
    <message>
        <source>{count} in</source>
        <translation>{count} داخلة</translation>
    </message>
    <message>
        <source>{count} out</source>
        <translation>{count} خارجة</translation>
    </message>
    <message>
        <source>{count} reasoning</source>
        <translation>{count} للاستدلال</translation>
    </message>
    <message>
        <source>{count} total</source>
        <translation>{count} إجمالًا</translation>
    </message>
    <message>
        <source>{file} can’t be read ({reason}).</source>
        <translation>لا يمكن قراءة {file} ({reason}).</translation>
    </message>
    <message>
        <source>{file} could not be written ({reason}). Choose another place.</source>
        <translation>تعذّرت كتابة {file} ({reason}). اختر مكانًا آخر.</translation>
    </message>
    <message>
        <source>{file} is a folder. Name a recorded stream in it.</source>
        <translation>المسار {file} مجلد. حدّد تدفقًا مسجّلًا فيه.</translation>
    </message>
    <message>
        <source>{file} is empty. Record a stream with “curl -N”, or save one in the inspector.</source>
        <translation>الملف {file} فارغ. سجّل تدفقًا بالأمر «curl -N»، أو احفظ واحدًا من الفاحص.</translation>
    </message>
    <message>
        <source>{file} is larger than {size} MB, too large for a recorded stream.</source>
        <translation>الملف {file} أكبر من {size} م.ب، وهذا أكبر من أن يكون تدفقًا مسجّلًا.</translation>
    </message>
    <message>
        <source>{file} is not a whole recording: {error}</source>
        <translation>الملف {file} ليس تسجيلًا كاملًا: {error}</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} ث</translation>
    </message>
    <message>
        <source>“{name}” is not a protocol that Weir knows. There are: {known}.</source>
        <translation>«{name}» ليس بروتوكولًا يعرفه Weir. المتاح: {known}.</translation>
    </message>
    <message>
        <source>“{name}” is not an event of this protocol; it is passed over.</source>
        <translation>«{name}» ليس حدثًا في هذا البروتوكول، ولذلك يُتجاوز.</translation>
    </message>
    <message>
        <source>“{pair}” is no time and size.</source>
        <translation>«{pair}» ليس زمنًا وحجمًا.</translation>
    </message>
    <message>
        <source>“{words}”. The status was {status}, because the stream had begun. Clients that look at the status alone take this for a success.</source>
        <translation>«{words}». كانت الحالة {status} لأن التدفق كان قد بدأ. والبرامج التي تنظر إلى الحالة وحدها تعدّ هذا نجاحًا.</translation>
    </message>
    <message>
        <source>“{word}” stands for no byte.</source>
        <translation>«{word}» لا يمثّل أي بايت.</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message numerus="yes">
        <source>… %n more byte(s)</source>
        <translation>
            <numerusform>… لا بايتات أخرى</numerusform>
            <numerusform>… بايت آخر</numerusform>
            <numerusform>… بايتان آخران</numerusform>
            <numerusform>… %n بايتات أخرى</numerusform>
            <numerusform>… %n بايتًا آخر</numerusform>
            <numerusform>… %n بايت آخر</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InspectorDoor</name>
    <message>
        <source>Inspect the stream</source>
        <translation>فحص التدفق</translation>
    </message>
    <message>
        <source>raw, records, SSE, curl, debug, request, headers</source>
        <translation>خام، قيود، SSE، curl، تصحيح، طلب HTTP، ترويسات</translation>
    </message>
</context>
<context>
    <name>InspectorWindow</name>
    <message numerus="yes">
        <source>%n record(s)</source>
        <translation>
            <numerusform>لا قيود</numerusform>
            <numerusform>قيد واحد</numerusform>
            <numerusform>قيدان</numerusform>
            <numerusform>%n قيود</numerusform>
            <numerusform>%n قيدًا</numerusform>
            <numerusform>%n قيد</numerusform>
        </translation>
    </message>
    <message>
        <source>(The body was too large to be kept.)</source>
        <translation>(كان المتن أكبر من أن يُحفظ.)</translation>
    </message>
    <message>
        <source>A file that “weir replay” plays</source>
        <translation>ملف يشغّله «weir replay»</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>كل الملفات (*)</translation>
    </message>
    <message>
        <source>Attempt</source>
        <extracomment>Which of several requests for one reply</extracomment>
        <translation>المحاولة</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>نُسخ</translation>
    </message>
    <message>
        <source>Copy as curl</source>
        <translation>نسخ كأمر curl</translation>
    </message>
    <message>
        <source>Copy the body</source>
        <translation>نسخ المتن</translation>
    </message>
    <message>
        <source>More may come.</source>
        <translation>قد يأتي المزيد.</translation>
    </message>
    <message>
        <source>Nothing is recorded of this reply.</source>
        <translation>لا شيء مسجّل من هذا الرد.</translation>
    </message>
    <message>
        <source>Of the older replies some were dropped: there is room for {size}.</source>
        <translation>أُسقطت بعض قيود الردود الأقدم: المساحة المتاحة {size}.</translation>
    </message>
    <message>
        <source>Recorded streams (*.sse)</source>
        <translation>تدفقات مسجّلة (*.sse)</translation>
    </message>
    <message>
        <source>Records and details</source>
        <translation>القيود والتفاصيل</translation>
    </message>
    <message>
        <source>Save the stream</source>
        <translation>حفظ التدفق</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>حُفظ</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>حفظ…</translation>
    </message>
    <message>
        <source>Stream inspector</source>
        <translation>فاحص التدفق</translation>
    </message>
    <message>
        <source>Stream of a reply</source>
        <translation>تدفق رد</translation>
    </message>
    <message>
        <source>The JSON that was sent</source>
        <translation>JSON المرسل</translation>
    </message>
    <message>
        <source>The answer ended as HTTP has it.</source>
        <translation>انتهت الاستجابة كما يقتضي HTTP.</translation>
    </message>
    <message>
        <source>The connection broke.</source>
        <translation>انقطع الاتصال.</translation>
    </message>
    <message>
        <source>The head came after {time}.</source>
        <translation>جاءت الترويسة بعد {time}.</translation>
    </message>
    <message>
        <source>The request as a command, with a variable in place of the key</source>
        <translation>طلب HTTP على شكل أمر، مع متغير مكان المفتاح</translation>
    </message>
    <message>
        <source>There is no answer yet.</source>
        <translation>لا استجابة بعد.</translation>
    </message>
    <message>
        <source>There is no reply here yet. Send a prompt, and its stream is shown while it comes.</source>
        <translation>لا رد هنا بعد. أرسل طلبًا، وسيُعرض تدفقه أثناء وصوله.</translation>
    </message>
    <message>
        <source>Weir closed the connection.</source>
        <translation>أغلق Weir الاتصال.</translation>
    </message>
    <message>
        <source>What crosses the wire is kept for this run of Weir alone, and never written to a file unless you save it.</source>
        <translation>ما يمر عبر الشبكة يُحفظ لهذا التشغيل من Weir وحده، ولا يُكتب في ملف إلا إذا حفظته.</translation>
    </message>
    <message>
        <source>live</source>
        <extracomment>The stream is coming at this moment</extracomment>
        <translation>مباشر</translation>
    </message>
    <message>
        <source>no answer</source>
        <extracomment>The request was sent, and there is no answer yet</extracomment>
        <translation>لا استجابة</translation>
    </message>
    <message>
        <source>silent for {time}</source>
        <translation>صامت منذ {time}</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>في الانتظار</translation>
    </message>
    <message>
        <source>{model} at {endpoint}</source>
        <translation>{model} من {endpoint}</translation>
    </message>
    <message>
        <source>… {size} in all; “Copy the body” has the rest.</source>
        <translation>… {size} إجمالًا، والباقي عبر «نسخ المتن».</translation>
    </message>
</context>
<context>
    <name>KeptForm</name>
    <message>
        <source>As it came with Weir</source>
        <translation>كما جاء مع Weir</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>إلغاء</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>الاسم</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>حفظ</translation>
    </message>
</context>
<context>
    <name>KeptList</name>
    <message numerus="yes">
        <source>%n came in.</source>
        <extracomment>Prompts or personas came in from a file</extracomment>
        <translation>
            <numerusform>لم يُستورد شيء.</numerusform>
            <numerusform>استُورد واحد.</numerusform>
            <numerusform>استُورد اثنان.</numerusform>
            <numerusform>استُورد %n.</numerusform>
            <numerusform>استُورد %n.</numerusform>
            <numerusform>استُورد %n.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <extracomment>Prompts or personas of the file that were here before</extracomment>
        <translation>
            <numerusform>لم يكن أي منها هنا.</numerusform>
            <numerusform>كان واحد هنا من قبل.</numerusform>
            <numerusform>كان اثنان هنا من قبل.</numerusform>
            <numerusform>كان %n هنا من قبل.</numerusform>
            <numerusform>كان %n هنا من قبل.</numerusform>
            <numerusform>كان %n هنا من قبل.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were written to {file}.</source>
        <extracomment>Prompts or personas were written to a file</extracomment>
        <translation>
            <numerusform>لم يُكتب شيء في {file}.</numerusform>
            <numerusform>كُتب واحد في {file}.</numerusform>
            <numerusform>كُتب اثنان في {file}.</numerusform>
            <numerusform>كُتب %n في {file}.</numerusform>
            <numerusform>كُتب %n في {file}.</numerusform>
            <numerusform>كُتب %n في {file}.</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>كل الملفات (*)</translation>
    </message>
    <message>
        <source>Delete {name}</source>
        <translation>حذف {name}</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>تعديل {name}</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>تصدير</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>تصدير…</translation>
    </message>
    <message>
        <source>Hide {name}</source>
        <translation>إخفاء {name}</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>استيراد</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>استيراد…</translation>
    </message>
    <message>
        <source>Move {name} down</source>
        <translation>نقل {name} إلى أسفل</translation>
    </message>
    <message>
        <source>Move {name} up</source>
        <translation>نقل {name} إلى أعلى</translation>
    </message>
    <message>
        <source>Readable files (*.toml)</source>
        <translation>ملفات مقروءة (*.toml)</translation>
    </message>
    <message>
        <source>Show what is hidden ({count})</source>
        <translation>إظهار المخفي ({count})</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>تراجع</translation>
    </message>
    <message>
        <source>changed</source>
        <extracomment>A prompt or persona that comes with Weir and was changed</extracomment>
        <translation>معدّل</translation>
    </message>
    <message>
        <source>comes with Weir</source>
        <translation>مرفق مع Weir</translation>
    </message>
    <message>
        <source>{problem} Until then nothing can be changed here.</source>
        <translation>{problem} إلى ذلك الحين لا يمكن تغيير شيء هنا.</translation>
    </message>
    <message>
        <source>“{name}” is hidden.</source>
        <translation>أُخفي «{name}».</translation>
    </message>
    <message>
        <source>“{name}” was deleted.</source>
        <translation>حُذف «{name}».</translation>
    </message>
</context>
<context>
    <name>KeyCard</name>
    <message>
        <source>A service you have a key for</source>
        <translation>خدمة لديك مفتاح لها</translation>
    </message>
    <message>
        <source>Keys are kept in this computer’s keyring and nowhere else.</source>
        <translation>تُحفظ المفاتيح في حلقة مفاتيح هذا الحاسوب وليس في أي مكان آخر.</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>ألصق مفتاحًا</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>الخدمة</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the key works</extracomment>
        <translation>اختبار</translation>
    </message>
    <message>
        <source>The key goes into {keyring} and nowhere else.</source>
        <translation>يُحفظ المفتاح في {keyring} وليس في أي مكان آخر.</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. The key is kept in memory and forgotten when Weir ends.</source>
        <translation>لا توجد في هذا الحاسوب حلقة مفاتيح يستطيع Weir استخدامها. يبقى المفتاح في الذاكرة ويُنسى عند إنهاء Weir.</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>في هذا المفتاح محارف لا توجد في أي مفتاح.</translation>
    </message>
    <message>
        <source>This looks like a key for {service}, which Weir can’t talk to yet. If it is for another service, choose that one.</source>
        <translation>يبدو هذا مفتاحًا لـ {service}، ولا يستطيع Weir مخاطبتها بعد. إذا كان لخدمة أخرى فاخترها.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>استخدام</translation>
    </message>
    <message>
        <source>Use it anyway</source>
        <translation>استخدامه مع ذلك</translation>
    </message>
    <message>
        <source>Which service is this key for? Choose it beside the key.</source>
        <translation>لأي خدمة هذا المفتاح؟ اخترها بجانب المفتاح.</translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>المفتاح</translation>
    </message>
</context>
<context>
    <name>KeyboardPage</name>
    <message>
        <source>Actions and their keys</source>
        <translation>الإجراءات ومفاتيحها</translation>
    </message>
    <message>
        <source>Add other keys</source>
        <translation>إضافة مفاتيح أخرى</translation>
    </message>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add another shortcut</extracomment>
        <translation>إضافة…</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>تغيير…</translation>
    </message>
    <message>
        <source>Every action has its first keys again.</source>
        <translation>عادت لكل إجراء مفاتيحه الأولى.</translation>
    </message>
    <message>
        <source>Find an action or its keys</source>
        <translation>ابحث عن إجراء أو عن مفاتيحه</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>لوحة المفاتيح</translation>
    </message>
    <message>
        <source>No keys</source>
        <translation>بلا مفاتيح</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>لا شيء بهذا الاسم.</translation>
    </message>
    <message>
        <source>Press others</source>
        <extracomment>On a button: press other keys instead</extracomment>
        <translation>مفاتيح أخرى</translation>
    </message>
    <message>
        <source>Reset</source>
        <extracomment>On a button: give an action its first keys again</extracomment>
        <translation>إعادة الضبط</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>إعادة ضبط الكل</translation>
    </message>
    <message>
        <source>Take keys away</source>
        <extracomment>On a button: an action then has no keys</extracomment>
        <translation>إزالة المفاتيح</translation>
    </message>
    <message>
        <source>Take them over</source>
        <translation>نقلها</translation>
    </message>
    <message>
        <source>while a message has the keyboard</source>
        <translation>حين يكون التركيز على رسالة</translation>
    </message>
    <message>
        <source>while the list has the keyboard</source>
        <translation>حين يكون التركيز على القائمة</translation>
    </message>
    <message>
        <source>{action}: {keys}</source>
        <translation>{action}: {keys}</translation>
    </message>
    <message>
        <source>{keys} is for “{action}”. Taken over, that has these keys no longer.</source>
        <translation>المفاتيح {keys} مخصصة لـ «{action}». إذا نُقلت إلى هنا لم تعد له.</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Escape stops a reply and closes what is open.</source>
        <translation>يوقف Esc الرد ويغلق ما هو مفتوح.</translation>
    </message>
    <message>
        <source>{keys} alone writes a character. Hold Ctrl or Alt with it.</source>
        <translation>تكتب {keys} وحدها محرفًا. اضغط معها Ctrl أو Alt.</translation>
    </message>
    <message>
        <source>{keys} belongs to input methods on many systems.</source>
        <translation>تخص {keys} طرق الإدخال في أنظمة كثيرة.</translation>
    </message>
    <message>
        <source>{keys} is needed for writing and moving about.</source>
        <translation>تلزم {keys} للكتابة والتنقل.</translation>
    </message>
    <message>
        <source>{keys} is needed for writing.</source>
        <translation>تلزم {keys} للكتابة.</translation>
    </message>
    <message>
        <source>{keys} writes a character on many keyboards, where it is AltGr.</source>
        <translation>تكتب {keys} محرفًا في لوحات مفاتيح كثيرة، حيث تقابل AltGr.</translation>
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
        <translation>اللغة</translation>
    </message>
    <message>
        <source>Like the system: {language}</source>
        <translation>مثل النظام: {language}</translation>
    </message>
    <message>
        <source>Weir speaks {language} from its next start on.</source>
        <translation>سيستخدم Weir هذه اللغة منذ تشغيله التالي: {language}.</translation>
    </message>
</context>
<context>
    <name>LineupBar</name>
    <message>
        <source>Add a model to compare</source>
        <translation>إضافة نموذج للمقارنة</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>إضافة…</translation>
    </message>
    <message>
        <source>Choose one more…</source>
        <extracomment>On a button: add a model</extracomment>
        <translation>اختيار نموذج آخر…</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>مقارنة</translation>
    </message>
    <message>
        <source>Models to compare</source>
        <translation>النماذج المقارَنة</translation>
    </message>
    <message>
        <source>One model again</source>
        <translation>العودة إلى نموذج واحد</translation>
    </message>
</context>
<context>
    <name>LineupPopup</name>
    <message>
        <source>Choose at least two. The same model may be there twice.</source>
        <translation>اختر نموذجين على الأقل. يجوز أن يتكرر النموذج نفسه.</translation>
    </message>
    <message>
        <source>Compare which models? Up to four</source>
        <translation>أي نماذج تريد مقارنتها؟ أربعة على الأكثر</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the list</extracomment>
        <translation>تم</translation>
    </message>
    <message>
        <source>Four are chosen, and there is no room for more.</source>
        <translation>اختيرت أربعة، ولا مكان لغيرها.</translation>
    </message>
    <message>
        <source>{number} of {most} chosen</source>
        <translation>اختير {number} من {most}</translation>
    </message>
</context>
<context>
    <name>LiveConversation</name>
    <message>
        <source>A reply is still coming. Stop it first.</source>
        <translation>ما زال رد قيد الوصول. أوقفه أولًا.</translation>
    </message>
    <message>
        <source>This long conversation is still being read. Try again in a moment.</source>
        <translation>ما زالت هذه المحادثة الطويلة قيد القراءة. أعد المحاولة بعد لحظة.</translation>
    </message>
</context>
<context>
    <name>LocalModel</name>
    <message>
        <source>Another model was chosen while this one was starting.</source>
        <translation>اختير نموذج آخر بينما كان هذا قيد التشغيل.</translation>
    </message>
    <message>
        <source>Checking the demo model…</source>
        <translation>جارٍ التحقق من النموذج التجريبي…</translation>
    </message>
    <message>
        <source>No chat template: this is a base model. It continues text and will ramble.</source>
        <translation>لا قالب محادثة: هذا نموذج أساسي. يكمل النص وقد يسترسل بلا هدف.</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>على هذا الحاسوب</translation>
    </message>
    <message>
        <source>Part {position} of {count} is missing: “{name}” has to lie in the same folder.</source>
        <translation>الجزء {position} من {count} ناقص: يجب أن يكون «{name}» في المجلد نفسه.</translation>
    </message>
    <message>
        <source>Starting the model…</source>
        <translation>جارٍ تشغيل النموذج…</translation>
    </message>
    <message>
        <source>The demo model could not be read: {reason}.</source>
        <translation>تعذّرت قراءة النموذج التجريبي: {reason}.</translation>
    </message>
    <message>
        <source>The demo model is not on this computer. Run:  {command}  (93 MB), or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>النموذج التجريبي غير موجود على هذا الحاسوب. نفّذ:  {command}  (93 م.ب)، أو اختر ملف GGUF خاصًا بك في الإعدادات، صفحة «على هذا الحاسوب».</translation>
    </message>
    <message>
        <source>The demo model’s file is damaged: its checksum is wrong. Run:  {command} --force-reinstall</source>
        <translation>ملف النموذج التجريبي تالف: مجموع التحقق خاطئ. نفّذ:  {command} --force-reinstall</translation>
    </message>
    <message>
        <source>The engine cannot load this model: {reason}.</source>
        <translation>لا يستطيع المحرّك تحميل هذا النموذج: {reason}.</translation>
    </message>
    <message>
        <source>The file became shorter while it was read.</source>
        <translation>صار الملف أقصر أثناء قراءته.</translation>
    </message>
    <message>
        <source>The file is cut short: its header goes on beyond its end. Download it again.</source>
        <translation>الملف مبتور: تمتد ترويسته إلى ما بعد نهايته. نزّله من جديد.</translation>
    </message>
    <message>
        <source>The file is cut short: {missing} are missing. Download it again.</source>
        <translation>الملف مبتور: ينقصه {missing}. نزّله من جديد.</translation>
    </message>
    <message>
        <source>The file is damaged: its header is far too large.</source>
        <translation>الملف تالف: ترويسته كبيرة جدًا.</translation>
    </message>
    <message>
        <source>The file is damaged: its header makes no sense.</source>
        <translation>الملف تالف: ترويسته بلا معنى.</translation>
    </message>
    <message>
        <source>The file “{name}” could not be read: {reason}.</source>
        <translation>تعذّرت قراءة الملف «{name}»: {reason}.</translation>
    </message>
    <message>
        <source>The file “{name}” is no longer there.</source>
        <translation>لم يعد الملف «{name}» موجودًا.</translation>
    </message>
    <message>
        <source>The model keeps ending unexpectedly. Wait a minute before you try again, or choose a smaller model.</source>
        <translation>يتكرر توقف النموذج فجأة. انتظر دقيقة قبل إعادة المحاولة، أو اختر نموذجًا أصغر.</translation>
    </message>
    <message>
        <source>The model was stopped while it was starting.</source>
        <translation>أُوقف النموذج أثناء تشغيله.</translation>
    </message>
    <message>
        <source>The model’s process could not be started: {reason}.</source>
        <translation>تعذّر تشغيل عملية النموذج: {reason}.</translation>
    </message>
    <message>
        <source>The model’s process ended unexpectedly (code {code}).</source>
        <translation>انتهت عملية النموذج فجأة (الرمز {code}).</translation>
    </message>
    <message>
        <source>The part that runs models is not installed. Close Weir, run:  pip install {module}  and start Weir again.</source>
        <translation>المكوّن الذي يشغّل النماذج غير مثبّت. أغلق Weir ونفّذ:  pip install {module}  ثم شغّل Weir من جديد.</translation>
    </message>
    <message>
        <source>The system ended the model, probably because memory ran out. It needs about {need} GB.</source>
        <translation>أنهى النظام النموذج، على الأرجح بسبب نفاد الذاكرة. يحتاج إلى نحو {need} غ.ب.</translation>
    </message>
    <message>
        <source>There is no ready-made part that runs models for Windows on ARM.</source>
        <translation>لا يوجد مكوّن جاهز لتشغيل النماذج على Windows بمعالجات ARM.</translation>
    </message>
    <message>
        <source>This GGUF file has version {version}, which is not known here.</source>
        <translation>إصدار ملف GGUF هذا {version}، وهو غير معروف هنا.</translation>
    </message>
    <message>
        <source>This GGUF file holds no language model.</source>
        <translation>لا يحتوي ملف GGUF هذا على نموذج لغوي.</translation>
    </message>
    <message>
        <source>This GGUF file was made for big-endian machines and cannot be used.</source>
        <translation>أُعدّ ملف GGUF هذا لأجهزة big-endian ولا يمكن استخدامه.</translation>
    </message>
    <message>
        <source>This computer’s processor lacks instructions that the model needs (AVX2). Use a model server or a service instead.</source>
        <translation>يفتقر معالج هذا الحاسوب إلى تعليمات يحتاج إليها النموذج (AVX2). استخدم خادم نماذج أو خدمة بدلًا من ذلك.</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the demo model. Install the copy with it, or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>تأتي هذه النسخة من Weir بلا النموذج التجريبي. ثبّت النسخة التي تتضمنه، أو اختر ملف GGUF خاصًا بك في الإعدادات، صفحة «على هذا الحاسوب».</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the part that runs models. Install the full one.</source>
        <translation>تأتي هذه النسخة من Weir بلا المكوّن الذي يشغّل النماذج. ثبّت النسخة الكاملة.</translation>
    </message>
    <message>
        <source>This file is {what}, not a model. Choose the model's own file.</source>
        <translation>هذا الملف {what} وليس نموذجًا. اختر ملف النموذج نفسه.</translation>
    </message>
    <message>
        <source>This is not a GGUF file.</source>
        <translation>هذا ليس ملف GGUF.</translation>
    </message>
    <message>
        <source>This is part {number} of {count}, but its name was changed. The parts must keep the names they were downloaded with.</source>
        <translation>هذا هو الجزء {number} من {count}، لكن اسمه غُيّر. يجب أن تحتفظ الأجزاء بأسمائها التي نُزّلت بها.</translation>
    </message>
    <message>
        <source>This is part {number} of {count}: choose the first part, “{name}”.</source>
        <translation>هذا هو الجزء {number} من {count}: اختر الجزء الأول، «{name}».</translation>
    </message>
    <message>
        <source>This model is made for searching texts; it cannot chat.</source>
        <translation>هذا النموذج مخصص للبحث في النصوص ولا يستطيع المحادثة.</translation>
    </message>
    <message>
        <source>a measurement for making models</source>
        <translation>بيانات قياس لإعداد النماذج</translation>
    </message>
    <message>
        <source>an adapter</source>
        <translation>محوّل (adapter)</translation>
    </message>
    <message>
        <source>an addition to a model</source>
        <translation>إضافة إلى نموذج</translation>
    </message>
    <message>
        <source>its chat template cannot be understood</source>
        <translation>لا يمكن فهم قالب المحادثة فيه</translation>
    </message>
    <message>
        <source>many GB</source>
        <translation>غيغابايتات كثيرة</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>لم يذكر القرص سببًا</translation>
    </message>
    <message>
        <source>the name is not a file's</source>
        <translation>الاسم ليس اسم ملف</translation>
    </message>
    <message>
        <source>the part of a model that sees pictures</source>
        <translation>جزء النموذج الذي يرى الصور</translation>
    </message>
    <message>
        <source>{count} MB</source>
        <translation>{count} م.ب</translation>
    </message>
</context>
<context>
    <name>LocalPage</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n رمز</numerusform>
            <numerusform>رمز واحد</numerusform>
            <numerusform>رمزان</numerusform>
            <numerusform>%n رموز</numerusform>
            <numerusform>%n رمزًا</numerusform>
            <numerusform>%n رمز</numerusform>
        </translation>
    </message>
    <message>
        <source>A model file of your own</source>
        <translation>ملف نموذج خاص بك</translation>
    </message>
    <message>
        <source>A model that runs here needs no key and no connection. Weir starts it when you first ask it.</source>
        <translation>النموذج الذي يعمل هنا لا يحتاج إلى مفتاح ولا إلى اتصال. يشغّله Weir عندما تسأله أول مرة.</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>كل الملفات (*)</translation>
    </message>
    <message>
        <source>Choose a GGUF file</source>
        <translation>اختيار ملف GGUF</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>اختيار ملف GGUF…</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>السياق</translation>
    </message>
    <message>
        <source>Demo model</source>
        <translation>النموذج التجريبي</translation>
    </message>
    <message>
        <source>File</source>
        <translation>ملف</translation>
    </message>
    <message>
        <source>In use</source>
        <extracomment>A model that is in use now</extracomment>
        <translation>قيد الاستخدام</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>الرخصة</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>النماذج (*.gguf)</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>على هذا الحاسوب</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>جارٍ القراءة…</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>الحجم</translation>
    </message>
    <message>
        <source>Small and fast, for trying things out. What it says is often wrong.</source>
        <translation>صغير وسريع، مناسب للتجربة. وكثيرًا ما يخطئ فيما يقول.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>استخدام</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>استخدام هذا النموذج</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>غير مذكورة</translation>
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
            <numerusform>لا رموز</numerusform>
            <numerusform>رمز واحد</numerusform>
            <numerusform>رمزان</numerusform>
            <numerusform>%n رموز</numerusform>
            <numerusform>%n رمزًا</numerusform>
            <numerusform>%n رمز</numerusform>
        </translation>
    </message>
    <message>
        <source>Demo model, often wrong</source>
        <translation>نموذج تجريبي، كثيرًا ما يخطئ</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>أرقام الرد</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>أول رمز بعد {time}</translation>
    </message>
    <message>
        <source>on this computer</source>
        <translation>على هذا الحاسوب</translation>
    </message>
    <message>
        <source>waiting {time}</source>
        <translation>انتظار {time}</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} رمز/ث</translation>
    </message>
</context>
<context>
    <name>ModelChip</name>
    <message>
        <source>Remove {name}</source>
        <translation>إزالة {name}</translation>
    </message>
</context>
<context>
    <name>ModelPopup</name>
    <message>
        <source>Add an endpoint…</source>
        <translation>إضافة نقطة وصول…</translation>
    </message>
    <message>
        <source>By its name</source>
        <translation>بحسب اسمه</translation>
    </message>
    <message>
        <source>Find a model, or type its name</source>
        <translation>ابحث عن نموذج أو اكتب اسمه</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>النماذج</translation>
    </message>
    <message>
        <source>No models listed yet. Type a name, or refresh.</source>
        <translation>لا نماذج في القائمة بعد. اكتب اسمًا أو حدّث القائمة.</translation>
    </message>
    <message>
        <source>Not refreshed. {why}</source>
        <translation>لم تُحدَّث. {why}</translation>
    </message>
    <message>
        <source>Refresh</source>
        <extracomment>On a button: ask for the list of models again</extracomment>
        <translation>تحديث</translation>
    </message>
    <message>
        <source>Use “{model}” at {endpoint}</source>
        <translation>استخدام «{model}» من {endpoint}</translation>
    </message>
</context>
<context>
    <name>ModelQuestion</name>
    <message>
        <source>Try again with which model?</source>
        <translation>بأي نموذج تعاد المحاولة؟</translation>
    </message>
</context>
<context>
    <name>Network</name>
    <message>
        <source>A SOCKS proxy takes names and passwords of at most 255 letters.</source>
        <translation>لا يقبل وكيل SOCKS أسماء وكلمات مرور تزيد على 255 حرفًا.</translation>
    </message>
    <message>
        <source>A proxy’s address begins with http://, https://, socks5:// or socks5h://.</source>
        <translation>يبدأ عنوان الوكيل بـ http:// أو https:// أو socks5:// أو socks5h://.</translation>
    </message>
    <message>
        <source>Begin the address with socks5:// if the proxy speaks SOCKS 5; SOCKS 4 can’t be used.</source>
        <translation>ابدأ العنوان بـ socks5:// إذا كان الوكيل يستخدم SOCKS 5، أما SOCKS 4 فلا يمكن استخدامه.</translation>
    </message>
    <message>
        <source>Check this computer’s clock.</source>
        <translation>تحقق من ساعة هذا الحاسوب.</translation>
    </message>
    <message>
        <source>Check this computer’s clock; if it is right, the service has to renew its certificate.</source>
        <translation>تحقق من ساعة هذا الحاسوب. إن كانت مضبوطة فعلى الخدمة تجديد شهادتها.</translation>
    </message>
    <message>
        <source>Enter the proxy’s address, like http://proxy.example:8080.</source>
        <translation>أدخل عنوان الوكيل، مثل http://proxy.example:8080.</translation>
    </message>
    <message>
        <source>If the server is yours, name its certificate’s file under Settings, Network.</source>
        <translation>إذا كان الخادم لك، فحدّد ملف شهادته في الإعدادات، صفحة «الشبكة».</translation>
    </message>
    <message>
        <source>If you trust who issued it, name the file of that authority under Settings, Network.</source>
        <translation>إذا كنت تثق بمن أصدرها، فحدّد ملف تلك الجهة في الإعدادات، صفحة «الشبكة».</translation>
    </message>
    <message>
        <source>Leave out what follows the port in the proxy’s address.</source>
        <translation>احذف ما يلي المنفذ في عنوان الوكيل.</translation>
    </message>
    <message>
        <source>Nothing is listening at {name}.</source>
        <translation>لا شيء يستمع على {name}.</translation>
    </message>
    <message>
        <source>Something on the way shows its own: name its authority’s file under Settings, Network.</source>
        <translation>يعرض شيء في الطريق شهادته الخاصة: حدّد ملف الجهة التي أصدرتها في الإعدادات، صفحة «الشبكة».</translation>
    </message>
    <message>
        <source>The answer could not be unpacked.</source>
        <translation>تعذّر فك ضغط الاستجابة.</translation>
    </message>
    <message>
        <source>The certificate is for another name: check the address.</source>
        <translation>الشهادة لاسم آخر: تحقق من العنوان.</translation>
    </message>
    <message>
        <source>The certificates in {ca_file} are damaged. Ask for the file again.</source>
        <translation>الشهادات في {ca_file} تالفة. اطلب الملف من جديد.</translation>
    </message>
    <message>
        <source>The certificates of this system could not be read: {reason}</source>
        <translation>تعذّرت قراءة شهادات هذا النظام: {reason}</translation>
    </message>
    <message>
        <source>The endpoint's extra fields hold something that JSON can't.</source>
        <translation>في الحقول الإضافية لنقطة الوصول شيء لا يمكن كتابته بصيغة JSON.</translation>
    </message>
    <message>
        <source>The name in the proxy’s address can’t be that of a computer.</source>
        <translation>لا يمكن أن يكون الاسم الوارد في عنوان الوكيل اسم حاسوب.</translation>
    </message>
    <message>
        <source>The name of one of the endpoint's headers has characters that can't be sent.</source>
        <translation>في اسم إحدى ترويسات نقطة الوصول محارف لا يمكن إرسالها.</translation>
    </message>
    <message>
        <source>The network is unreachable.</source>
        <translation>لا يمكن الوصول إلى الشبكة.</translation>
    </message>
    <message>
        <source>The port in the proxy’s address has to be a number from 1 to 65535.</source>
        <translation>يجب أن يكون المنفذ في عنوان الوكيل رقمًا من 1 إلى 65535.</translation>
    </message>
    <message>
        <source>The port is missing: a proxy’s address ends like :8080.</source>
        <translation>المنفذ ناقص: ينتهي عنوان الوكيل بما يشبه :8080.</translation>
    </message>
    <message>
        <source>The proxy answered {status}.</source>
        <translation>أجاب الوكيل بـ {status}.</translation>
    </message>
    <message>
        <source>The proxy asks for a name and password. Put them into its address under Settings, Network: http://name:password@…</source>
        <translation>يطلب الوكيل اسمًا وكلمة مرور. ضعهما في عنوانه في الإعدادات، صفحة «الشبكة»: http://name:password@…</translation>
    </message>
    <message>
        <source>The proxy could not reach {host}: {reason}.</source>
        <translation>تعذّر على الوكيل الوصول إلى {host}: {reason}.</translation>
    </message>
    <message>
        <source>The proxy did not accept the name and password. Enter them again under Settings, Network.</source>
        <translation>لم يقبل الوكيل الاسم وكلمة المرور. أدخلهما من جديد في الإعدادات، صفحة «الشبكة».</translation>
    </message>
    <message>
        <source>The proxy named in the environment can’t be used: {error}</source>
        <translation>لا يمكن استخدام الوكيل المحدد في متغيرات البيئة: {error}</translation>
    </message>
    <message>
        <source>The proxy’s address has to look like http://proxy.example:8080.</source>
        <translation>يجب أن يكون عنوان الوكيل على الشكل http://proxy.example:8080.</translation>
    </message>
    <message>
        <source>The proxy’s name and password stand in a file. Enter the proxy anew under Settings, Network.</source>
        <translation>اسم الوكيل وكلمة مروره مكتوبان في ملف. أدخل الوكيل من جديد في الإعدادات، صفحة «الشبكة».</translation>
    </message>
    <message>
        <source>The proxy’s name or password holds characters that can’t be sent.</source>
        <translation>في اسم الوكيل أو كلمة مروره محارف لا يمكن إرسالها.</translation>
    </message>
    <message>
        <source>The proxy’s name {host} was not found.</source>
        <translation>لم يُعثر على اسم الوكيل {host}.</translation>
    </message>
    <message>
        <source>The request could not be put into HTTP.</source>
        <translation>تعذّر تكوين طلب HTTP.</translation>
    </message>
    <message>
        <source>The server does not speak TLS at this port. Perhaps the address should start with http://.</source>
        <translation>لا يستخدم الخادم TLS على هذا المنفذ. ربما ينبغي أن يبدأ العنوان بـ http://.</translation>
    </message>
    <message>
        <source>The server sends on in a circle.</source>
        <translation>يحيل الخادم في دائرة مغلقة.</translation>
    </message>
    <message>
        <source>The server sends on to {host}. Put that address into the endpoint if you trust it.</source>
        <translation>يحيل الخادم إلى {host}. ضع هذا العنوان في نقطة الوصول إن كنت تثق به.</translation>
    </message>
    <message>
        <source>The server sent too much: {error}.</source>
        <translation>أرسل الخادم أكثر من المسموح: {error}.</translation>
    </message>
    <message>
        <source>The value of the header {name} has characters that can't be sent.</source>
        <translation>في قيمة الترويسة {name} محارف لا يمكن إرسالها.</translation>
    </message>
    <message>
        <source>There is a space in the proxy’s address.</source>
        <translation>في عنوان الوكيل مسافة.</translation>
    </message>
    <message>
        <source>There is no file {ca_file}. Choose the file of certificates again.</source>
        <translation>لا يوجد ملف {ca_file}. اختر ملف الشهادات من جديد.</translation>
    </message>
    <message>
        <source>This is an automatic configuration file (PAC), which can’t be used. Enter the proxy it names.</source>
        <translation>هذا ملف إعداد تلقائي (PAC) ولا يمكن استخدامه. أدخل الوكيل الذي يحدده.</translation>
    </message>
    <message>
        <source>This is the certificate of the proxy. {words}</source>
        <translation>هذه شهادة الوكيل. {words}</translation>
    </message>
    <message>
        <source>What answers at {name} is no {scheme} proxy, or it closed the connection.</source>
        <translation>ما يجيب على {name} ليس وكيل {scheme}، أو أنه أغلق الاتصال.</translation>
    </message>
    <message>
        <source>a single record is larger than {limit} MB</source>
        <translation>قيد واحد أكبر من {limit} م.ب</translation>
    </message>
    <message>
        <source>{ca_file} can’t be read ({reason}). Check its permissions.</source>
        <translation>لا يمكن قراءة {ca_file} ({reason}). تحقق من أذوناته.</translation>
    </message>
    <message>
        <source>{ca_file} holds a private key, not certificates. Choose the certificate of the authority.</source>
        <translation>يحتوي {ca_file} على مفتاح خاص لا على شهادات. اختر شهادة الجهة المُصدِرة.</translation>
    </message>
    <message>
        <source>{ca_file} holds no certificates in PEM form, which begin with “-----BEGIN CERTIFICATE-----”.</source>
        <translation>لا يحتوي {ca_file} على شهادات بصيغة PEM، وهي تبدأ بـ «-----BEGIN CERTIFICATE-----».</translation>
    </message>
    <message>
        <source>{ca_file} is a folder. Choose the file of certificates in it.</source>
        <translation>المسار {ca_file} مجلد. اختر ملف الشهادات الذي فيه.</translation>
    </message>
    <message>
        <source>{name} did not answer in time.</source>
        <translation>لم يُجب {name} في الوقت المحدد.</translation>
    </message>
    <message>
        <source>{name} names {value}, which does not exist.</source>
        <translation>يشير {name} إلى {value}، وهو غير موجود.</translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>A file of certificates (PEM) that are trusted beside the system’s, for instance your company’s. Leave it empty where none is needed.</source>
        <translation>ملف شهادات (PEM) يوثق بها إلى جانب شهادات النظام، كشهادات شركتك مثلًا. اتركه فارغًا إن لم تكن هناك حاجة إليه.</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>الشهادات</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>مدة الانتظار</translation>
    </message>
    <message>
        <source>How services are reached. Servers on this computer are always asked directly, and an endpoint can have a way of its own.</source>
        <translation>كيفية الوصول إلى الخدمات. الخوادم على هذا الحاسوب تُسأل دائمًا مباشرة، ويمكن أن يكون لنقطة الوصول طريقها الخاص.</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>الشبكة</translation>
    </message>
    <message>
        <source>Not used yet: enter its address.</source>
        <translation>غير مستخدم بعد: أدخل عنوانه.</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>الوكيل</translation>
    </message>
    <message>
        <source>{problem} Until then requests go as before.</source>
        <translation>{problem} إلى ذلك الحين تذهب طلبات HTTP كما كانت.</translation>
    </message>
</context>
<context>
    <name>NetworkText</name>
    <message>
        <source>“{text}” has to be a number of seconds from {least} to {most}.</source>
        <translation>يجب أن يكون «{text}» عددًا من الثواني من {least} إلى {most}.</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Put this notice away</source>
        <translation>إبعاد هذا الإشعار</translation>
    </message>
</context>
<context>
    <name>Notifier</name>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
    </message>
    <message>
        <source>The reply of {model} failed.</source>
        <translation>فشل رد {model}.</translation>
    </message>
    <message>
        <source>{model} has replied.</source>
        <translation>وصل رد {model}.</translation>
    </message>
</context>
<context>
    <name>Offers</name>
    <message>
        <source>Favourites</source>
        <translation>المفضّلة</translation>
    </message>
    <message>
        <source>Used last</source>
        <translation>آخر ما استُخدم</translation>
    </message>
</context>
<context>
    <name>OnceChip</name>
    <message>
        <source>@{model} at {endpoint} answers this once</source>
        <translation>يجيب @{model} من {endpoint} عن هذا مرة واحدة</translation>
    </message>
    <message>
        <source>Back to the conversation’s own model</source>
        <translation>العودة إلى نموذج المحادثة</translation>
    </message>
</context>
<context>
    <name>OptionField</name>
    <message>
        <source>Left to the service</source>
        <translation>متروك للخدمة</translation>
    </message>
    <message>
        <source>None</source>
        <comment>system prompt</comment>
        <translation>بلا</translation>
    </message>
    <message>
        <source>Not sent</source>
        <translation>لا يُرسل</translation>
    </message>
    <message>
        <source>Until then it is left to the service.</source>
        <translation>إلى ذلك الحين يُترك للخدمة.</translation>
    </message>
</context>
<context>
    <name>Options</name>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>يجب أن يكون من 0 إلى {most}.</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>يجب أن يكون {least} أو أكثر.</translation>
    </message>
    <message>
        <source>No model writes that much.</source>
        <translation>لا يكتب أي نموذج هذا القدر.</translation>
    </message>
    <message>
        <source>This is not a number.</source>
        <translation>هذا ليس رقمًا.</translation>
    </message>
    <message>
        <source>This is not a whole number.</source>
        <translation>هذا ليس عددًا صحيحًا.</translation>
    </message>
    <message>
        <source>This number is too large.</source>
        <translation>هذا الرقم كبير جدًا.</translation>
    </message>
</context>
<context>
    <name>OptionsPanel</name>
    <message>
        <source>All at once, when it is done</source>
        <translation>دفعة واحدة عند اكتماله</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>أثناء وصوله</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>أقصى ما يمكن</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the panel</extracomment>
        <translation>تم</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>عالٍ</translation>
    </message>
    <message>
        <source>It is kept, but not sent.</source>
        <translation>يُحفظ ولا يُرسل.</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>متروك للخدمة</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>أطول رد، بالرموز</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>منخفض</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>متوسط</translation>
    </message>
    <message>
        <source>Minimal</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>أدنى حد</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>بلا</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>خيارات هذه المحادثة</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>الاستدلال</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>الاستدلال، بالرموز</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>إعادة ضبط الكل</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>البذرة</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>التوقف عند هذه النصوص، واحد في كل سطر</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>تعليمات النظام</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>الحرارة</translation>
    </message>
    <message>
        <source>The number of tokens counts instead.</source>
        <translation>يُعتمد عدد الرموز بدلًا منه.</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>عرض الرد</translation>
    </message>
    <message>
        <source>They go with every prompt from now on, here for {model}.</source>
        <translation>تُرسل مع كل طلب من الآن فصاعدًا، هنا إلى {model}.</translation>
    </message>
    <message>
        <source>They go with every prompt from now on.</source>
        <translation>تُرسل مع كل طلب من الآن فصاعدًا.</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>عالٍ جدًا</translation>
    </message>
</context>
<context>
    <name>Outside</name>
    <message>
        <source>Desktop</source>
        <translation>سطح المكتب</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>سؤال سريع</translation>
    </message>
    <message>
        <source>Settings: Desktop</source>
        <translation>الإعدادات: سطح المكتب</translation>
    </message>
    <message>
        <source>notifications tray background quick question</source>
        <translation>إشعارات منطقة خلفية سؤال سريع</translation>
    </message>
    <message>
        <source>small window ask</source>
        <translation>نافذة صغيرة سؤال</translation>
    </message>
</context>
<context>
    <name>OwnForm</name>
    <message>
        <source>A JSON pointer to the text in each record that comes back. Leave it empty where Weir finds the text by itself, as in the usual forms.</source>
        <translation>مؤشر JSON إلى النص في كل قيد يعود. اتركه فارغًا إن كان Weir يجد النص بنفسه، كما في الصيغ المعتادة.</translation>
    </message>
    <message>
        <source>A form of your own</source>
        <translation>صيغة خاصة بك</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>الطريقة</translation>
    </message>
    <message>
        <source>Where the text is</source>
        <translation>موضع النص</translation>
    </message>
</context>
<context>
    <name>OwnWay</name>
    <message>
        <source>A PEM file that is trusted for this endpoint, in place of the one under Network.</source>
        <translation>ملف PEM يوثق به لنقطة الوصول هذه بدل الملف المحدد في «الشبكة».</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>ملف الشهادات</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>مدة الانتظار</translation>
    </message>
    <message>
        <source>Network…</source>
        <translation>الشبكة…</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>الوكيل</translation>
    </message>
    <message>
        <source>Shows proxy, certificates and waits of this endpoint</source>
        <translation>يعرض الوكيل والشهادات ومدد الانتظار لنقطة الوصول هذه</translation>
    </message>
    <message>
        <source>What is left empty is as under Settings, Network.</source>
        <translation>ما يُترك فارغًا يكون كما في الإعدادات، صفحة «الشبكة».</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>An action, a conversation or a model</source>
        <translation>إجراء أو محادثة أو نموذج</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>الأرشيف</translation>
    </message>
    <message>
        <source>Do or open anything</source>
        <translation>تنفيذ أي شيء أو فتحه</translation>
    </message>
    <message>
        <source>Done lately</source>
        <translation>نُفّذ مؤخرًا</translation>
    </message>
    <message>
        <source>Latest conversations</source>
        <translation>أحدث المحادثات</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>لا شيء بهذا الاسم.</translation>
    </message>
    <message>
        <source>What fits</source>
        <translation>ما يطابق</translation>
    </message>
    <message>
        <source>conversation</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>محادثة</translation>
    </message>
    <message>
        <source>model</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>نموذج</translation>
    </message>
    <message>
        <source>not possible now</source>
        <translation>غير ممكن الآن</translation>
    </message>
</context>
<context>
    <name>PersonaButton</name>
    <message>
        <source>Edit personas…</source>
        <translation>تعديل الشخصيات…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>بلا</translation>
    </message>
    <message>
        <source>Persona: none</source>
        <translation>الشخصية: بلا</translation>
    </message>
    <message>
        <source>Persona: {name}</source>
        <translation>الشخصية: {name}</translation>
    </message>
</context>
<context>
    <name>PersonaField</name>
    <message>
        <source>Edit personas…</source>
        <translation>تعديل الشخصيات…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>بلا</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>الشخصية</translation>
    </message>
    <message>
        <source>These values are this conversation’s own by now.</source>
        <translation>أصبحت هذه القيم خاصة بهذه المحادثة.</translation>
    </message>
    <message>
        <source>This conversation keeps these values, whatever the persona becomes.</source>
        <translation>تحتفظ هذه المحادثة بهذه القيم مهما تغيّرت الشخصية.</translation>
    </message>
    <message>
        <source>{name}, as it was</source>
        <translation>{name}، كما كانت</translation>
    </message>
</context>
<context>
    <name>Personas</name>
    <message>
        <source>A conversation that was started before keeps the values that it has.</source>
        <translation>المحادثة التي بدأت من قبل تحتفظ بقيمها.</translation>
    </message>
    <message>
        <source>A persona is a system prompt with a name, and the model and options that go with it. A conversation takes its values over; changing the persona later does not change the conversation.</source>
        <translation>الشخصية تعليمات نظام لها اسم، مع ما يصاحبها من نموذج وخيارات. تأخذ المحادثة قيمها منها، ولا يغيّر تعديل الشخصية لاحقًا المحادثة.</translation>
    </message>
    <message>
        <source>A persona needs a name.</source>
        <translation>تحتاج الشخصية إلى اسم.</translation>
    </message>
    <message>
        <source>All at once, when it is done</source>
        <translation>دفعة واحدة عند اكتماله</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>أثناء وصوله</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>أقصى ما يمكن</translation>
    </message>
    <message>
        <source>For new conversations</source>
        <translation>للمحادثات الجديدة</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>عالٍ</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>متروك للخدمة</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>أطول رد، بالرموز</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>منخفض</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>متوسط</translation>
    </message>
    <message>
        <source>Minimal</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>أدنى حد</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>النموذج</translation>
    </message>
    <message>
        <source>New persona</source>
        <translation>شخصية جديدة</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>بلا</translation>
    </message>
    <message>
        <source>Nothing set</source>
        <translation>لا شيء محدد</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>الشخصيات</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>الاستدلال</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>الاستدلال، بالرموز</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>البذرة</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>التوقف عند هذه النصوص، واحد في كل سطر</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>تعليمات النظام</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>الحرارة</translation>
    </message>
    <message>
        <source>The one chosen at the top</source>
        <translation>المختار في الأعلى</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>عرض الرد</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>عالٍ جدًا</translation>
    </message>
</context>
<context>
    <name>PickerButton</name>
    <message>
        <source>Choose a model</source>
        <translation>اختيار نموذج</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>النموذج: {name}</translation>
    </message>
</context>
<context>
    <name>Picture</name>
    <message>
        <source>larger than {size}</source>
        <translation>أكبر من {size}</translation>
    </message>
    <message>
        <source>not a picture of a kind that is shown</source>
        <translation>ليست صورة من نوع يمكن عرضه</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>لم تعد موجودة</translation>
    </message>
    <message>
        <source>the server answered {status}</source>
        <translation>أجاب الخادم بـ {status}</translation>
    </message>
    <message>
        <source>the server can’t be reached</source>
        <translation>لا يمكن الوصول إلى الخادم</translation>
    </message>
    <message>
        <source>the server refuses it</source>
        <translation>يرفضها الخادم</translation>
    </message>
    <message>
        <source>the server sends on to another</source>
        <translation>يحيل الخادم إلى خادم آخر</translation>
    </message>
</context>
<context>
    <name>PlaceHead</name>
    <message>
        <source>All conversations</source>
        <translation>كل المحادثات</translation>
    </message>
    <message>
        <source>Empty…</source>
        <extracomment>What is done, on a button: delete what is in the bin</extracomment>
        <translation>إفراغ…</translation>
    </message>
</context>
<context>
    <name>PlaceList</name>
    <message>
        <source>Delete the folder, keep its conversations</source>
        <translation>حذف المجلد مع إبقاء محادثاته</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>المجلدات</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>إعادة التسمية…</translation>
    </message>
</context>
<context>
    <name>Placeholder</name>
    <message>
        <source>A problem</source>
        <translation>مشكلة</translation>
    </message>
    <message>
        <source>File</source>
        <translation>ملف</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>صورة</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>تسجيل صوتي</translation>
    </message>
    <message>
        <source>Something else</source>
        <translation>شيء آخر</translation>
    </message>
    <message>
        <source>audio</source>
        <translation>صوت</translation>
    </message>
    <message>
        <source>code that the service ran</source>
        <translation>شيفرة نفّذتها الخدمة</translation>
    </message>
    <message>
        <source>content</source>
        <translation>محتوى</translation>
    </message>
    <message>
        <source>file</source>
        <translation>ملف</translation>
    </message>
    <message>
        <source>hidden reasoning</source>
        <translation>استدلال مخفي</translation>
    </message>
    <message>
        <source>image</source>
        <translation>صورة</translation>
    </message>
    <message>
        <source>result of the code</source>
        <translation>نتيجة الشيفرة</translation>
    </message>
    <message>
        <source>video</source>
        <translation>فيديو</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>Conversations</source>
        <translation>المحادثات</translation>
    </message>
    <message>
        <source>Endpoints, without keys</source>
        <translation>نقاط الوصول، بلا مفاتيح</translation>
    </message>
    <message>
        <source>Log, without texts and keys</source>
        <translation>سجل الأحداث، بلا نصوص ومفاتيح</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>الشخصيات</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>الطلبات</translation>
    </message>
    <message>
        <source>Reports of crashes, which are sent nowhere</source>
        <translation>تقارير الأعطال، ولا تُرسل إلى أي مكان</translation>
    </message>
</context>
<context>
    <name>PromptEdit</name>
    <message>
        <source>Prompt</source>
        <translation>الطلب</translation>
    </message>
</context>
<context>
    <name>Prompts</name>
    <message>
        <source>New prompt</source>
        <translation>طلب جديد</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>الطلبات</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>النص</translation>
    </message>
    <message>
        <source>Texts to be used again. Type / in an empty line where you write, and choose one.</source>
        <translation>نصوص لإعادة استخدامها. اكتب / في سطر فارغ حيث تكتب، ثم اختر واحدًا.</translation>
    </message>
    <message>
        <source>There is no text yet.</source>
        <translation>لا نص بعد.</translation>
    </message>
    <message>
        <source>To fill in: {names}</source>
        <translation>للملء: {names}</translation>
    </message>
    <message>
        <source>Translate into {{language=English}}: {{text}}</source>
        <translation>ترجم إلى {{اللغة=العربية}}: {{النص}}</translation>
    </message>
    <message>
        <source>{{topic}} is a place to fill in, under any name; {{language=English}} is filled in already and may be changed; {{clipboard}} is what was copied last, {{date}} the date of the day.</source>
        <translation>{{الموضوع}} موضع للملء تحت أي اسم، و{{اللغة=العربية}} مملوء مسبقًا ويمكن تغييره، و{{clipboard}} آخر ما نُسخ، و{{date}} تاريخ اليوم.</translation>
    </message>
</context>
<context>
    <name>Provider</name>
    <message>
        <source>Google did not let this prompt through ({reason}).</source>
        <translation>لم تمرّر Google هذا الطلب ({reason}).</translation>
    </message>
    <message>
        <source>It did not say where the reply will be.</source>
        <translation>لم تذكر أين سيكون الرد.</translation>
    </message>
    <message>
        <source>It failed and gave no reason.</source>
        <translation>فشلت ولم تذكر سببًا.</translation>
    </message>
    <message>
        <source>It gave no reason.</source>
        <translation>لم تذكر سببًا.</translation>
    </message>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>يجب أن يكون من 0 إلى {most}.</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>يجب أن يكون {least} أو أكثر.</translation>
    </message>
    <message>
        <source>Not known to {title}.</source>
        <translation>غير معروف لدى {title}.</translation>
    </message>
    <message>
        <source>Not together with reasoning.</source>
        <translation>لا يُستخدم مع الاستدلال.</translation>
    </message>
    <message>
        <source>The demo model does not reason.</source>
        <translation>النموذج التجريبي لا يستدل.</translation>
    </message>
    <message>
        <source>The endpoint’s form has no {place}.</source>
        <translation>ليس في صيغة نقطة الوصول {place}.</translation>
    </message>
    <message>
        <source>The flow decides this by itself.</source>
        <translation>يقرر المسار (flow) هذا بنفسه.</translation>
    </message>
    <message>
        <source>The key for the header {header} is missing.</source>
        <translation>مفتاح الترويسة {header} ناقص.</translation>
    </message>
    <message>
        <source>The key holds characters that can't be sent. Copy it again, without quotes or line breaks.</source>
        <translation>في المفتاح محارف لا يمكن إرسالها. انسخه من جديد بلا علامات تنصيص أو فواصل أسطر.</translation>
    </message>
    <message>
        <source>The list of releases</source>
        <translation>قائمة الإصدارات</translation>
    </message>
    <message>
        <source>The model's server ended the reply with an error.</source>
        <translation>أنهى خادم النموذج الرد بخطأ.</translation>
    </message>
    <message>
        <source>The prediction ended with an error.</source>
        <translation>انتهت عملية التوليد بخطأ.</translation>
    </message>
    <message>
        <source>The prediction failed.</source>
        <translation>فشلت عملية التوليد.</translation>
    </message>
    <message>
        <source>Together with reasoning it has to be 0.95 or more.</source>
        <translation>مع الاستدلال يجب أن يكون 0.95 أو أكثر.</translation>
    </message>
    <message>
        <source>the model on this computer</source>
        <translation>النموذج الموجود على هذا الحاسوب</translation>
    </message>
    <message>
        <source>your own form</source>
        <translation>صيغتك الخاصة</translation>
    </message>
    <message>
        <source>{model} does not stream. Its replies come at once.</source>
        <translation>لا يرسل {model} تدفقًا، وتأتي ردوده دفعة واحدة.</translation>
    </message>
    <message>
        <source>{model} does not take it.</source>
        <translation>لا يقبله {model}.</translation>
    </message>
    <message>
        <source>“{provider}” is not known.</source>
        <translation>«{provider}» غير معروف.</translation>
    </message>
</context>
<context>
    <name>ProxyFields</name>
    <message>
        <source>Address of the proxy</source>
        <translation>عنوان الوكيل</translation>
    </message>
    <message>
        <source>As under Settings, Network</source>
        <translation>كما في الإعدادات، صفحة «الشبكة»</translation>
    </message>
    <message>
        <source>Begins with http://, https://, socks5:// or socks5h:// and ends in the port. If it wants a login, type http://name:password@proxy.example:8080; name and password go into the keyring.</source>
        <translation>يبدأ بـ http:// أو https:// أو socks5:// أو socks5h:// وينتهي بالمنفذ. إن تطلّب تسجيل دخول فاكتب http://name:password@proxy.example:8080، ويُحفظ الاسم وكلمة المرور في حلقة المفاتيح.</translation>
    </message>
    <message>
        <source>Its name and password are in memory, for this run only.</source>
        <translation>اسمه وكلمة مروره في الذاكرة، لهذا التشغيل فقط.</translation>
    </message>
    <message>
        <source>Its name and password are in the keyring. Type the address with new ones to replace them.</source>
        <translation>اسمه وكلمة مروره في حلقة المفاتيح. اكتب العنوان باسم وكلمة مرور جديدين لاستبدالهما.</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>مثل النظام</translation>
    </message>
    <message>
        <source>No proxy</source>
        <translation>بلا وكيل</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>الوكيل</translation>
    </message>
    <message>
        <source>Remove name and password</source>
        <translation>إزالة الاسم وكلمة المرور</translation>
    </message>
    <message>
        <source>Straight to the service, whatever the system says.</source>
        <translation>مباشرة إلى الخدمة، مهما قال النظام.</translation>
    </message>
    <message>
        <source>The variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, on macOS and Windows the system’s settings too.</source>
        <translation>المتغيرات HTTPS_PROXY وHTTP_PROXY وALL_PROXY وNO_PROXY، وكذلك إعدادات النظام في macOS وWindows.</translation>
    </message>
    <message>
        <source>This proxy</source>
        <translation>هذا الوكيل</translation>
    </message>
</context>
<context>
    <name>QuickQuestion</name>
    <message>
        <source>Choose a model first.</source>
        <translation>اختر نموذجًا أولًا.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>ما زالت نقاط الوصول قيد القراءة. أعد الإرسال بعد لحظة.</translation>
    </message>
</context>
<context>
    <name>QuickWindow</name>
    <message>
        <source>Ask anything</source>
        <translation>اسأل ما تشاء</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>إرفاق ملفات</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>إغلاق</translation>
    </message>
    <message>
        <source>Copy reply</source>
        <translation>نسخ الرد</translation>
    </message>
    <message>
        <source>New question</source>
        <translation>سؤال جديد</translation>
    </message>
    <message>
        <source>Open in Weir</source>
        <translation>فتح في Weir</translation>
    </message>
    <message>
        <source>Quick question – Weir</source>
        <translation>سؤال سريع – Weir</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>الرد…</translation>
    </message>
    <message>
        <source>The reply was copied.</source>
        <translation>نُسخ الرد.</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. This is sent in a moment.</source>
        <translation>ما زالت نقاط الوصول قيد القراءة. سيُرسل هذا بعد لحظة.</translation>
    </message>
</context>
<context>
    <name>RecordModel</name>
    <message>
        <source>Became</source>
        <extracomment>Over a column: what Weir made of a record</extracomment>
        <translation>النتيجة</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>الحدث</translation>
    </message>
    <message>
        <source>Gap</source>
        <extracomment>Over a column: the time between a record and the one before</extracomment>
        <translation>الفجوة</translation>
    </message>
    <message>
        <source>Record {number} after {time}, {size}: {became}</source>
        <translation>القيد {number} بعد {time}، {size}: {became}</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>الحجم</translation>
    </message>
    <message>
        <source>Time</source>
        <extracomment>Over a column: when a record came, after the request</extracomment>
        <translation>الزمن</translation>
    </message>
</context>
<context>
    <name>RecordPage</name>
    <message>
        <source>As it came</source>
        <translation>كما وصل</translation>
    </message>
    <message>
        <source>Choose a record in the list.</source>
        <translation>اختر قيدًا من القائمة.</translation>
    </message>
    <message>
        <source>Event “{event}”.</source>
        <translation>الحدث «{event}».</translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation>لا شيء.</translation>
    </message>
    <message numerus="yes">
        <source>Record {number}: after {time}, {gap} after the one before; {size} in %n read(s).</source>
        <extracomment>A read is one portion of bytes as it came over the connection</extracomment>
        <translation>
            <numerusform>القيد {number}: بعد {time}، وبعد سابقه بـ {gap}؛ {size} بلا قراءات.</numerusform>
            <numerusform>القيد {number}: بعد {time}، وبعد سابقه بـ {gap}؛ {size} في قراءة واحدة.</numerusform>
            <numerusform>القيد {number}: بعد {time}، وبعد سابقه بـ {gap}؛ {size} في قراءتين.</numerusform>
            <numerusform>القيد {number}: بعد {time}، وبعد سابقه بـ {gap}؛ {size} في %n قراءات.</numerusform>
            <numerusform>القيد {number}: بعد {time}، وبعد سابقه بـ {gap}؛ {size} في %n قراءة.</numerusform>
            <numerusform>القيد {number}: بعد {time}، وبعد سابقه بـ {gap}؛ {size} في %n قراءة.</numerusform>
        </translation>
    </message>
    <message>
        <source>What it became</source>
        <translation>ما صار إليه</translation>
    </message>
</context>
<context>
    <name>RecordView</name>
    <message>
        <source>Records</source>
        <translation>القيود</translation>
    </message>
    <message>
        <source>The record was copied.</source>
        <translation>نُسخ القيد.</translation>
    </message>
</context>
<context>
    <name>Recorder</name>
    <message>
        <source>Press the new keys. Escape leaves them as they are.</source>
        <translation>اضغط المفاتيح الجديدة. يتركها Esc كما هي.</translation>
    </message>
</context>
<context>
    <name>RowDelegate</name>
    <message>
        <source>Title of the conversation</source>
        <translation>عنوان المحادثة</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>Archive</source>
        <comment>what is done</comment>
        <extracomment>What is done: put conversations into the archive</extracomment>
        <translation>أرشفة</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>حذف</translation>
    </message>
    <message>
        <source>Delete for good…</source>
        <translation>حذف نهائي…</translation>
    </message>
    <message>
        <source>Move to</source>
        <translation>نقل إلى</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>اسم المجلد</translation>
    </message>
    <message>
        <source>Name of the tag</source>
        <translation>اسم الوسم</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>مجلد جديد</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>مجلد جديد…</translation>
    </message>
    <message>
        <source>New tag</source>
        <translation>وسم جديد</translation>
    </message>
    <message>
        <source>New tag…</source>
        <translation>وسم جديد…</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>بلا مجلد</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>تثبيت</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>إعادة التسمية</translation>
    </message>
    <message>
        <source>Restore</source>
        <extracomment>What is done: take conversations out of the bin</extracomment>
        <translation>استعادة</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>الوسوم</translation>
    </message>
    <message>
        <source>Take out of the archive</source>
        <extracomment>What is done: show archived conversations in the list again</extracomment>
        <translation>إخراج من الأرشيف</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>إلغاء التثبيت</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search</source>
        <translation>بحث</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>بحث في كل شيء</translation>
    </message>
</context>
<context>
    <name>Serving</name>
    <message>
        <source>The message and what follows it were deleted.</source>
        <translation>حُذفت الرسالة وما يليها.</translation>
    </message>
    <message>
        <source>The message was deleted.</source>
        <translation>حُذفت الرسالة.</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>About</source>
        <translation>حول</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>المظهر</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>البيانات</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>نقاط الوصول</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>لوحة المفاتيح</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>الشبكة</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>على هذا الحاسوب</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>الصفحات</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>الشخصيات</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>الطلبات</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>الإعدادات</translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted for good.</source>
        <translation>
            <numerusform>لم تُحذف أي محادثة نهائيًا.</numerusform>
            <numerusform>حُذفت محادثة واحدة نهائيًا.</numerusform>
            <numerusform>حُذفت محادثتان نهائيًا.</numerusform>
            <numerusform>حُذفت %n محادثات نهائيًا.</numerusform>
            <numerusform>حُذفت %n محادثة نهائيًا.</numerusform>
            <numerusform>حُذفت %n محادثة نهائيًا.</numerusform>
        </translation>
    </message>
    <message>
        <source>Emptying the bin</source>
        <translation>إفراغ سلة المهملات</translation>
    </message>
    <message numerus="yes">
        <source>Emptying the bin: %n deleted</source>
        <translation>
            <numerusform>إفراغ سلة المهملات: لم يُحذف شيء بعد</numerusform>
            <numerusform>إفراغ سلة المهملات: حُذفت محادثة</numerusform>
            <numerusform>إفراغ سلة المهملات: حُذفت محادثتان</numerusform>
            <numerusform>إفراغ سلة المهملات: حُذفت %n محادثات</numerusform>
            <numerusform>إفراغ سلة المهملات: حُذفت %n محادثة</numerusform>
            <numerusform>إفراغ سلة المهملات: حُذفت %n محادثة</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ShelfRow</name>
    <message>
        <source>Go to this row</source>
        <translation>الانتقال إلى هذا الصف</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>إجراءات أخرى</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>فتح</translation>
    </message>
    <message>
        <source>on screen</source>
        <translation>على الشاشة</translation>
    </message>
</context>
<context>
    <name>ShelfRows</name>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
    </message>
</context>
<context>
    <name>ShelfView</name>
    <message>
        <source>Conversations</source>
        <translation>المحادثات</translation>
    </message>
    <message>
        <source>Kept for 30 days</source>
        <translation>تُحفظ 30 يومًا</translation>
    </message>
    <message>
        <source>Pinned</source>
        <extracomment>Over the conversations that are kept at the top</extracomment>
        <translation>المثبّتة</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <extracomment>The seven days before yesterday</extracomment>
        <translation>الأيام السبعة السابقة</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>اليوم</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>أمس</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Always so: the list of conversations</source>
        <translation>ثابت دائمًا: قائمة المحادثات</translation>
    </message>
    <message>
        <source>Always so: the transcript</source>
        <translation>ثابت دائمًا: نص المحادثة</translation>
    </message>
    <message>
        <source>Always so: writing</source>
        <translation>ثابت دائمًا: الكتابة</translation>
    </message>
    <message>
        <source>Arrows</source>
        <extracomment>The four arrow keys</extracomment>
        <translation>الأسهم</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>تغيير…</translation>
    </message>
    <message>
        <source>Choose several</source>
        <translation>تحديد عدة عناصر</translation>
    </message>
    <message>
        <source>Copy, select all</source>
        <translation>نسخ، تحديد الكل</translation>
    </message>
    <message>
        <source>Extend the selection</source>
        <translation>توسيع التحديد</translation>
    </message>
    <message>
        <source>Find a shortcut</source>
        <translation>ابحث عن اختصار</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>اختصارات لوحة المفاتيح</translation>
    </message>
    <message>
        <source>Menu</source>
        <extracomment>What a key does: open the menu</extracomment>
        <translation>القائمة</translation>
    </message>
    <message>
        <source>New line</source>
        <translation>سطر جديد</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>لا شيء بهذا الاسم.</translation>
    </message>
    <message>
        <source>Open</source>
        <extracomment>Open the conversation</extracomment>
        <translation>فتح</translation>
    </message>
    <message>
        <source>Scroll</source>
        <extracomment>What keys do</extracomment>
        <translation>تمرير</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What a key does</extracomment>
        <translation>إرسال</translation>
    </message>
    <message>
        <source>Shift and arrows</source>
        <translation>Shift والأسهم</translation>
    </message>
    <message>
        <source>Shift or Ctrl and arrows, Space</source>
        <translation>Shift أو Ctrl والأسهم، Space</translation>
    </message>
    <message>
        <source>Stop, else close what is open</source>
        <translation>إيقاف، وإلا إغلاق ما هو مفتوح</translation>
    </message>
    <message>
        <source>To a message’s actions, and the next message’s</source>
        <translation>إلى إجراءات الرسالة ثم إجراءات الرسالة التالية</translation>
    </message>
    <message>
        <source>To the next control, and back</source>
        <translation>إلى عنصر التحكم التالي والسابق</translation>
    </message>
</context>
<context>
    <name>ShownModel</name>
    <message>
        <source>Starting the model</source>
        <translation>تشغيل النموذج</translation>
    </message>
    <message>
        <source>The model is ready.</source>
        <translation>النموذج جاهز.</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message numerus="yes">
        <source>%n and more found</source>
        <translation>
            <numerusform>لا نتائج بعد</numerusform>
            <numerusform>نتيجة واحدة أو أكثر</numerusform>
            <numerusform>نتيجتان أو أكثر</numerusform>
            <numerusform>%n نتائج أو أكثر</numerusform>
            <numerusform>%n نتيجة أو أكثر</numerusform>
            <numerusform>%n نتيجة أو أكثر</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>لا نتائج</numerusform>
            <numerusform>نتيجة واحدة</numerusform>
            <numerusform>نتيجتان</numerusform>
            <numerusform>%n نتائج</numerusform>
            <numerusform>%n نتيجة</numerusform>
            <numerusform>%n نتيجة</numerusform>
        </translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>الأرشيف</translation>
    </message>
    <message>
        <source>Bin</source>
        <translation>سلة المهملات</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n conversation(s) for good?</source>
        <translation>
            <numerusform>هل تُحذف المحادثات نهائيًا؟</numerusform>
            <numerusform>هل تُحذف محادثة واحدة نهائيًا؟</numerusform>
            <numerusform>هل تُحذف محادثتان نهائيًا؟</numerusform>
            <numerusform>هل تُحذف %n محادثات نهائيًا؟</numerusform>
            <numerusform>هل تُحذف %n محادثة نهائيًا؟</numerusform>
            <numerusform>هل تُحذف %n محادثة نهائيًا؟</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete everything in the bin for good?</source>
        <translation>هل يُحذف كل ما في سلة المهملات نهائيًا؟</translation>
    </message>
    <message>
        <source>Delete for good</source>
        <translation>حذف نهائي</translation>
    </message>
    <message>
        <source>Delete this conversation for good?</source>
        <translation>هل تُحذف هذه المحادثة نهائيًا؟</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>المجلدات</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
    </message>
    <message>
        <source>No conversation has this tag.</source>
        <translation>لا محادثة تحمل هذا الوسم.</translation>
    </message>
    <message>
        <source>Nothing found. Try fewer or other words.</source>
        <translation>لا نتائج. جرّب كلمات أقل أو كلمات أخرى.</translation>
    </message>
    <message>
        <source>Nothing here yet. Drag conversations onto the folder, or use their menu.</source>
        <translation>لا شيء هنا بعد. اسحب المحادثات إلى المجلد، أو استخدم قائمتها.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>الإعدادات</translation>
    </message>
    <message>
        <source>The bin is empty. What you delete is kept here for 30 days.</source>
        <translation>سلة المهملات فارغة. ما تحذفه يُحفظ هنا 30 يومًا.</translation>
    </message>
    <message>
        <source>This can’t be undone.</source>
        <translation>لا يمكن التراجع عن هذا.</translation>
    </message>
    <message>
        <source>What you archive stays out of the way here, and search still finds it.</source>
        <translation>ما تؤرشفه يبقى هنا بعيدًا عن الأنظار، ومع ذلك يجده البحث.</translation>
    </message>
</context>
<context>
    <name>Spelling</name>
    <message>
        <source>Add to the dictionary</source>
        <translation>إضافة إلى القاموس</translation>
    </message>
    <message>
        <source>Ignore</source>
        <extracomment>What is done: no longer mark a word</extracomment>
        <translation>تجاهل</translation>
    </message>
    <message>
        <source>No suggestions</source>
        <translation>لا اقتراحات</translation>
    </message>
</context>
<context>
    <name>SpellingCard</name>
    <message>
        <source>Looking for dictionaries…</source>
        <translation>جارٍ البحث عن قواميس…</translation>
    </message>
    <message>
        <source>Mark words that no dictionary knows</source>
        <translation>تمييز الكلمات التي لا يعرفها أي قاموس</translation>
    </message>
    <message>
        <source>Spelling</source>
        <translation>التدقيق الإملائي</translation>
    </message>
    <message>
        <source>This system has no dictionary that Weir can use. On Linux it is Enchant 2 with one for Hunspell, for instance libenchant-2-2 and hunspell-en-us on Debian and Ubuntu.</source>
        <translation>ليس في هذا النظام قاموس يستطيع Weir استخدامه. على Linux هو Enchant 2 مع قاموس لـ Hunspell، مثل libenchant-2-2 وhunspell-ar على Debian وUbuntu.</translation>
    </message>
    <message>
        <source>With this system’s dictionaries: {names}. Nothing leaves this computer.</source>
        <translation>بقواميس هذا النظام: {names}. لا يغادر شيء هذا الحاسوب.</translation>
    </message>
</context>
<context>
    <name>Store</name>
    <message>
        <source>"POST", "PUT" or "GET"</source>
        <translation>"POST" أو "PUT" أو "GET"</translation>
    </message>
    <message>
        <source>"system", "none" or an address like http://proxy.example:8080</source>
        <translation>"system" أو "none" أو عنوانًا مثل http://proxy.example:8080</translation>
    </message>
    <message>
        <source>An older Weir is running with this history. Close it, then start this one again.</source>
        <translation>إصدار أقدم من Weir قيد التشغيل على هذا السجل. أغلقه ثم شغّل هذا من جديد.</translation>
    </message>
    <message>
        <source>Another Weir has been writing to the history for too long. Close it, then try again.</source>
        <translation>تكتب نسخة أخرى من Weir في السجل منذ وقت أطول مما ينبغي. أغلقها ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>Another Weir is preparing the history. Wait for it, then try again.</source>
        <translation>تُعدّ نسخة أخرى من Weir السجل. انتظرها ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>Another program holds the history. Close that program, then try again.</source>
        <translation>برنامج آخر يحجز السجل. أغلق ذلك البرنامج ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>Here stands only the name of the key in the keyring.</source>
        <translation>لا يُكتب هنا إلا اسم المفتاح في حلقة المفاتيح.</translation>
    </message>
    <message>
        <source>The disk did not do what was asked of it. Check its free space and its health, then try again.</source>
        <translation>لم ينفّذ القرص ما طُلب منه. تحقق من مساحته الحرة وسلامته ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>The disk is full. Make room on it, then try again.</source>
        <translation>القرص ممتلئ. وفّر مساحة عليه ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>The file could not be written: {why}.</source>
        <translation>تعذّرت كتابة الملف: {why}.</translation>
    </message>
    <message>
        <source>The file where Weir keeps its history belongs to another program. It has not been touched. Move it elsewhere, or start Weir with another data folder.</source>
        <translation>الملف الذي يحفظ فيه Weir سجله يخص برنامجًا آخر، ولم يُمسّ. انقله إلى مكان آخر، أو شغّل Weir بمجلد بيانات آخر.</translation>
    </message>
    <message>
        <source>The history can't be opened or changed. Check the permissions of Weir's data folder.</source>
        <translation>لا يمكن فتح السجل أو تغييره. تحقق من أذونات مجلد بيانات Weir.</translation>
    </message>
    <message>
        <source>The history file is damaged. Start Weir again: the damaged file is then set aside and kept.</source>
        <translation>ملف السجل تالف. شغّل Weir من جديد: يوضع الملف التالف عندئذٍ جانبًا ويُحتفظ به.</translation>
    </message>
    <message>
        <source>There is no file {name}.</source>
        <translation>لا يوجد ملف {name}.</translation>
    </message>
    <message>
        <source>This conversation is no longer in the history.</source>
        <translation>لم تعد هذه المحادثة في السجل.</translation>
    </message>
    <message>
        <source>This history was written by a newer version of Weir. It has not been touched. Install the newer version to open it.</source>
        <translation>كُتب هذا السجل بإصدار أحدث من Weir، ولم يُمسّ. ثبّت الإصدار الأحدث لفتحه.</translation>
    </message>
    <message>
        <source>This is too large to be saved.</source>
        <translation>هذا أكبر من أن يُحفظ.</translation>
    </message>
    <message>
        <source>Too many nested values</source>
        <translation>القيم المتداخلة أكثر من المسموح</translation>
    </message>
    <message>
        <source>Weir is closing; the history can't be read.</source>
        <translation>Weir قيد الإغلاق، ولا يمكن قراءة السجل.</translation>
    </message>
    <message>
        <source>Weir is closing; this was not saved.</source>
        <translation>Weir قيد الإغلاق، ولم يُحفظ هذا.</translation>
    </message>
    <message>
        <source>Weir is running with this history. Close it first, then try again.</source>
        <translation>برنامج Weir قيد التشغيل على هذا السجل. أغلقه أولًا ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>Weir made a mistake while it used the history. The log has the details.</source>
        <translation>وقع خطأ في Weir أثناء استخدام السجل. التفاصيل في سجل الأحداث.</translation>
    </message>
    <message>
        <source>a JSON object in quotation marks</source>
        <translation>كائن JSON بين علامتي تنصيص</translation>
    </message>
    <message>
        <source>a JSON pointer, like /data/text</source>
        <translation>مؤشر JSON، مثل /data/text</translation>
    </message>
    <message>
        <source>a list of texts, like ["one", "two"]</source>
        <translation>قائمة نصوص، مثل ["one", "two"]</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>رقمًا</translation>
    </message>
    <message>
        <source>a number of seconds from {least} to {most}</source>
        <translation>عددًا من الثواني من {least} إلى {most}</translation>
    </message>
    <message>
        <source>a table, like [endpoint.body]</source>
        <translation>جدولًا، مثل [endpoint.body]</translation>
    </message>
    <message>
        <source>a table, like [endpoint.headers]</source>
        <translation>جدولًا، مثل [endpoint.headers]</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>عددًا صحيحًا</translation>
    </message>
    <message>
        <source>an endpoint needs a name: add name = "…".</source>
        <translation>تحتاج نقطة الوصول إلى اسم: أضف name = "…".</translation>
    </message>
    <message>
        <source>another endpoint has the id “{id}” already. Give this one another id.</source>
        <translation>لنقطة وصول أخرى المعرّف «{id}» نفسه. أعط هذه معرّفًا آخر.</translation>
    </message>
    <message>
        <source>another one has the id “{id}” already. Give this one another id.</source>
        <translation>لعنصر آخر المعرّف «{id}» نفسه. أعط هذا معرّفًا آخر.</translation>
    </message>
    <message>
        <source>each begins with [[{kind}]], in double brackets.</source>
        <translation>يبدأ كل عنصر بـ [[{kind}]] بين قوسين مربعين مزدوجين.</translation>
    </message>
    <message>
        <source>endpoints begin with [[endpoint]], in double brackets.</source>
        <translation>تبدأ نقاط الوصول بـ [[endpoint]] بين قوسين مربعين مزدوجين.</translation>
    </message>
    <message>
        <source>it can't be read ({reason}). Check its permissions.</source>
        <translation>لا يمكن قراءته ({reason}). تحقق من أذوناته.</translation>
    </message>
    <message>
        <source>it can't be written ({reason}). Check the free space and the folder's permissions.</source>
        <translation>لا يمكن كتابته ({reason}). تحقق من المساحة الحرة ومن أذونات المجلد.</translation>
    </message>
    <message>
        <source>it holds text that is not Unicode</source>
        <translation>فيه نص ليس Unicode</translation>
    </message>
    <message>
        <source>it needs a name: add name = "…".</source>
        <translation>يحتاج إلى اسم: أضف name = "…".</translation>
    </message>
    <message>
        <source>one of {names}</source>
        <translation>أحد هذه: {names}</translation>
    </message>
    <message>
        <source>text in quotation marks</source>
        <translation>نصًا بين علامتي تنصيص</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>لم يذكر القرص سببًا</translation>
    </message>
    <message>
        <source>the endpoints can't be written as TOML. Nothing was changed.</source>
        <translation>لا يمكن كتابة نقاط الوصول بصيغة TOML. لم يتغير شيء.</translation>
    </message>
    <message>
        <source>the header “{name}” has to be text in quotation marks.</source>
        <translation>يجب أن تكون الترويسة «{name}» نصًا بين علامتي تنصيص.</translation>
    </message>
    <message>
        <source>the name of a key in the keyring, in quotation marks</source>
        <translation>اسم مفتاح في حلقة المفاتيح، بين علامتي تنصيص</translation>
    </message>
    <message>
        <source>the name of an entry in the keyring, in quotation marks</source>
        <translation>اسم مدخل في حلقة المفاتيح، بين علامتي تنصيص</translation>
    </message>
    <message>
        <source>the path of a file, in quotation marks</source>
        <translation>مسار ملف، بين علامتي تنصيص</translation>
    </message>
    <message>
        <source>this can't be written as TOML. Nothing was changed.</source>
        <translation>لا يمكن كتابة هذا بصيغة TOML. لم يتغير شيء.</translation>
    </message>
    <message>
        <source>this is not UTF-8 text. Save the file as UTF-8, then try again.</source>
        <translation>هذا ليس نصًا بترميز UTF-8. احفظ الملف بترميز UTF-8 ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>this is not valid TOML ({reason}). Correct the line, then try again; nothing was changed.</source>
        <translation>هذا ليس TOML صالحًا ({reason}). صحّح السطر ثم أعد المحاولة. لم يتغير شيء.</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true أو false</translation>
    </message>
    <message>
        <source>two endpoints have the same id. Nothing was changed.</source>
        <translation>لنقطتي وصول المعرّف نفسه. لم يتغير شيء.</translation>
    </message>
    <message>
        <source>{file}, line {line}: {words}</source>
        <translation>{file}، السطر {line}: {words}</translation>
    </message>
    <message>
        <source>{file}: {words}</source>
        <translation>{file}: {words}</translation>
    </message>
    <message>
        <source>“body_json” has to be a JSON object in quotation marks.</source>
        <translation>يجب أن يكون «body_json» كائن JSON بين علامتي تنصيص.</translation>
    </message>
    <message>
        <source>“{name}” has to be {words}.</source>
        <translation>يجب أن يكون «{name}» {words}.</translation>
    </message>
    <message>
        <source>“{name}” looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints.</source>
        <translation>يبدو «{name}» سرًا. مكان المفاتيح حلقة مفاتيح النظام: أزله من هنا وأضف المفتاح في الإعدادات، صفحة «نقاط الوصول».</translation>
    </message>
    <message>
        <source>“{name}” of {endpoint} looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints. Nothing was changed.</source>
        <translation>يبدو «{name}» في {endpoint} سرًا. مكان المفاتيح حلقة مفاتيح النظام: أزله من هنا وأضف المفتاح في الإعدادات، صفحة «نقاط الوصول». لم يتغير شيء.</translation>
    </message>
</context>
<context>
    <name>Suggestions</name>
    <message>
        <source>Suggestions</source>
        <translation>اقتراحات</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>There is no summary, and nothing was sent.</source>
        <translation>لا يوجد ملخص، ولم يُرسل شيء.</translation>
    </message>
</context>
<context>
    <name>Telling</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted.</source>
        <translation>
            <numerusform>لم تُحذف أي محادثة.</numerusform>
            <numerusform>حُذفت محادثة واحدة.</numerusform>
            <numerusform>حُذفت محادثتان.</numerusform>
            <numerusform>حُذفت %n محادثات.</numerusform>
            <numerusform>حُذفت %n محادثة.</numerusform>
            <numerusform>حُذفت %n محادثة.</numerusform>
        </translation>
    </message>
    <message>
        <source>A reply has come in “{title}”.</source>
        <translation>وصل رد في «{title}».</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>الإعدادات</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>عرض التقرير</translation>
    </message>
    <message>
        <source>Something went wrong in Weir last time. A report of it is on this computer; it was sent nowhere.</source>
        <translation>وقع خلل في Weir في المرة الماضية. التقرير عنه على هذا الحاسوب ولم يُرسل إلى أي مكان.</translation>
    </message>
    <message>
        <source>The endpoint “{name}” was removed.</source>
        <translation>أُزيلت نقطة الوصول «{name}».</translation>
    </message>
    <message>
        <source>The folder “{name}” was deleted. What was in it is kept.</source>
        <translation>حُذف المجلد «{name}». ما كان فيه محفوظ.</translation>
    </message>
    <message>
        <source>The reply in “{title}” failed.</source>
        <translation>فشل الرد في «{title}».</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. Keys are kept for this run only.</source>
        <translation>لا توجد في هذا الحاسوب حلقة مفاتيح يستطيع Weir استخدامها. تُحفظ المفاتيح لهذا التشغيل فقط.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>تراجع</translation>
    </message>
    <message>
        <source>{endpoint}: {key}.</source>
        <translation>{endpoint}: {key}.</translation>
    </message>
    <message>
        <source>“{title}” was deleted.</source>
        <translation>حُذفت «{title}».</translation>
    </message>
</context>
<context>
    <name>TimeFields</name>
    <message>
        <source>For a connection</source>
        <translation>للاتصال</translation>
    </message>
    <message>
        <source>For the first words</source>
        <translation>للكلمات الأولى</translation>
    </message>
    <message>
        <source>In a silence after them</source>
        <translation>في الصمت الذي يليها</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>الثواني</translation>
    </message>
    <message>
        <source>s, from {least} to {most}</source>
        <extracomment>After a field for seconds: the unit, and what may stand in it</extracomment>
        <translation>ث، من {least} إلى {most}</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message numerus="yes">
        <source>%n column(s)</source>
        <translation>
            <numerusform>بلا أعمدة</numerusform>
            <numerusform>عمود واحد</numerusform>
            <numerusform>عمودان</numerusform>
            <numerusform>%n أعمدة</numerusform>
            <numerusform>%n عمودًا</numerusform>
            <numerusform>%n عمود</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>بلا أسطر</numerusform>
            <numerusform>سطر واحد</numerusform>
            <numerusform>سطران</numerusform>
            <numerusform>%n أسطر</numerusform>
            <numerusform>%n سطرًا</numerusform>
            <numerusform>%n سطر</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more sentence(s) to read</source>
        <translation>
            <numerusform>لا جمل أخرى للقراءة</numerusform>
            <numerusform>جملة أخرى للقراءة</numerusform>
            <numerusform>جملتان أخريان للقراءة</numerusform>
            <numerusform>%n جمل أخرى للقراءة</numerusform>
            <numerusform>%n جملة أخرى للقراءة</numerusform>
            <numerusform>%n جملة أخرى للقراءة</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new word(s)</source>
        <translation>
            <numerusform>لا كلمات جديدة</numerusform>
            <numerusform>كلمة جديدة</numerusform>
            <numerusform>كلمتان جديدتان</numerusform>
            <numerusform>%n كلمات جديدة</numerusform>
            <numerusform>%n كلمة جديدة</numerusform>
            <numerusform>%n كلمة جديدة</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>بلا صفوف</numerusform>
            <numerusform>صف واحد</numerusform>
            <numerusform>صفان</numerusform>
            <numerusform>%n صفوف</numerusform>
            <numerusform>%n صفًا</numerusform>
            <numerusform>%n صف</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>لا رموز</numerusform>
            <numerusform>رمز واحد</numerusform>
            <numerusform>رمزان</numerusform>
            <numerusform>%n رموز</numerusform>
            <numerusform>%n رمزًا</numerusform>
            <numerusform>%n رمز</numerusform>
        </translation>
    </message>
    <message>
        <source>Actions of: {message}</source>
        <translation>إجراءات: {message}</translation>
    </message>
    <message>
        <source>Can’t be shown: {reason}</source>
        <translation>لا يمكن عرضها: {reason}</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>إغلاق البحث</translation>
    </message>
    <message>
        <source>Code block</source>
        <translation>مقطع شيفرة</translation>
    </message>
    <message>
        <source>Compare replies</source>
        <translation>مقارنة الردود</translation>
    </message>
    <message>
        <source>Continue</source>
        <extracomment>Have the model write on from where it stopped</extracomment>
        <translation>متابعة</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>المحادثة</translation>
    </message>
    <message>
        <source>Copied</source>
        <extracomment>Said once a text is on the clipboard</extracomment>
        <translation>نُسخ</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>نسخ</translation>
    </message>
    <message>
        <source>Copy as plain text</source>
        <translation>نسخ كنص عادي</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>نسخ الشيفرة</translation>
    </message>
    <message>
        <source>Copy link address</source>
        <translation>نسخ عنوان الرابط</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>نسخ الرسالة</translation>
    </message>
    <message>
        <source>Copy message as plain text</source>
        <translation>نسخ الرسالة كنص عادي</translation>
    </message>
    <message>
        <source>Copy message as rich text</source>
        <translation>نسخ الرسالة كنص منسّق</translation>
    </message>
    <message>
        <source>Copy message with its reasoning</source>
        <translation>نسخ الرسالة مع استدلالها</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>حذف</translation>
    </message>
    <message>
        <source>Edit</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>تعديل</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>ملف بلا اسم</translation>
    </message>
    <message>
        <source>Find in the conversation</source>
        <translation>بحث في المحادثة</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>بحث…</translation>
    </message>
    <message>
        <source>Fork from here</source>
        <extracomment>Go on from this message in a conversation of its own</extracomment>
        <translation>تفريع من هنا</translation>
    </message>
    <message>
        <source>Go to the end</source>
        <translation>الانتقال إلى النهاية</translation>
    </message>
    <message>
        <source>Go to this message</source>
        <translation>الانتقال إلى هذه الرسالة</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>إخفاء</translation>
    </message>
    <message>
        <source>In this message</source>
        <translation>في هذه الرسالة</translation>
    </message>
    <message>
        <source>Inspect the stream</source>
        <translation>فحص التدفق</translation>
    </message>
    <message>
        <source>Instructions</source>
        <extracomment>Over a message: who wrote it</extracomment>
        <translation>التعليمات</translation>
    </message>
    <message>
        <source>Interrupted when Weir ended</source>
        <translation>انقطع عند إنهاء Weir</translation>
    </message>
    <message>
        <source>It asks to wait {time}.</source>
        <translation>تطلب الانتظار {time}.</translation>
    </message>
    <message>
        <source>Line across the page</source>
        <translation>خط بعرض الصفحة</translation>
    </message>
    <message numerus="yes">
        <source>List of %n item(s)</source>
        <translation>
            <numerusform>قائمة بلا عناصر</numerusform>
            <numerusform>قائمة من عنصر واحد</numerusform>
            <numerusform>قائمة من عنصرين</numerusform>
            <numerusform>قائمة من %n عناصر</numerusform>
            <numerusform>قائمة من %n عنصرًا</numerusform>
            <numerusform>قائمة من %n عنصر</numerusform>
        </translation>
    </message>
    <message>
        <source>Load from {host}</source>
        <translation>تحميل من {host}</translation>
    </message>
    <message>
        <source>Load picture</source>
        <translation>تحميل الصورة</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>جارٍ التحميل…</translation>
    </message>
    <message>
        <source>Message actions</source>
        <translation>إجراءات الرسالة</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>إجراءات أخرى</translation>
    </message>
    <message>
        <source>New text</source>
        <translation>نص جديد</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>التطابق التالي</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>النسخة التالية</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>لا تطابقات</translation>
    </message>
    <message>
        <source>Note {mark}</source>
        <translation>حاشية {mark}</translation>
    </message>
    <message>
        <source>Of what is above this line the model sees only a summary</source>
        <translation>لا يرى النموذج مما فوق هذا الخط إلا ملخصًا</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>فتح الرابط</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>فتح الإعدادات</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>صورة</translation>
    </message>
    <message>
        <source>Picture that can’t be shown</source>
        <translation>صورة لا يمكن عرضها</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>التطابق السابق</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>النسخة السابقة</translation>
    </message>
    <message>
        <source>Quote</source>
        <translation>اقتباس</translation>
    </message>
    <message>
        <source>Reply</source>
        <extracomment>Over a message whose model is not known</extracomment>
        <translation>الرد</translation>
    </message>
    <message>
        <source>Reply finished</source>
        <translation>اكتمل الرد</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>حفظ</translation>
    </message>
    <message>
        <source>Save code</source>
        <translation>حفظ الشيفرة</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>تحديد الكل</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>إظهار</translation>
    </message>
    <message numerus="yes">
        <source>Show all %n line(s)</source>
        <translation>
            <numerusform>عرض كل الأسطر</numerusform>
            <numerusform>عرض السطر الوحيد</numerusform>
            <numerusform>عرض السطرين</numerusform>
            <numerusform>عرض الأسطر كلها (%n)</numerusform>
            <numerusform>عرض الأسطر كلها (%n)</numerusform>
            <numerusform>عرض الأسطر كلها (%n)</numerusform>
        </translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>عرض أقل</translation>
    </message>
    <message>
        <source>Stopped</source>
        <extracomment>Under a reply that the user stopped</extracomment>
        <translation>أُوقف</translation>
    </message>
    <message numerus="yes">
        <source>Summary of %n message(s)</source>
        <translation>
            <numerusform>ملخص بلا رسائل</numerusform>
            <numerusform>ملخص رسالة واحدة</numerusform>
            <numerusform>ملخص رسالتين</numerusform>
            <numerusform>ملخص %n رسائل</numerusform>
            <numerusform>ملخص %n رسالة</numerusform>
            <numerusform>ملخص %n رسالة</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Summary without the %n oldest message(s)</source>
        <translation>
            <numerusform>ملخص مع كل الرسائل</numerusform>
            <numerusform>ملخص من دون الرسالة الأقدم</numerusform>
            <numerusform>ملخص من دون أقدم رسالتين</numerusform>
            <numerusform>ملخص من دون أقدم %n رسائل</numerusform>
            <numerusform>ملخص من دون أقدم %n رسالة</numerusform>
            <numerusform>ملخص من دون أقدم %n رسالة</numerusform>
        </translation>
    </message>
    <message>
        <source>Table</source>
        <translation>جدول</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>امتنع النموذج عن الإجابة</translation>
    </message>
    <message>
        <source>The model no longer sees what is above this line</source>
        <translation>لم يعد النموذج يرى ما فوق هذا الخط</translation>
    </message>
    <message>
        <source>The reply failed.</source>
        <translation>فشل الرد.</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>جارٍ الاستدلال…</translation>
    </message>
    <message>
        <source>Thought for {time}</source>
        <translation>استدلال دام {time}</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <extracomment>Over the reasoning of a model</extracomment>
        <translation>الاستدلال</translation>
    </message>
    <message>
        <source>Tool call: {name}</source>
        <translation>استدعاء أداة: {name}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>إعادة المحاولة</translation>
    </message>
    <message>
        <source>Try again with…</source>
        <translation>إعادة المحاولة بـ…</translation>
    </message>
    <message>
        <source>Unwrap</source>
        <extracomment>What is done, on a button: lines of code are not broken where the room ends, or are</extracomment>
        <translation>إلغاء الالتفاف</translation>
    </message>
    <message>
        <source>Version {number} of {count}</source>
        <translation>النسخة {number} من {count}</translation>
    </message>
    <message>
        <source>Waiting for the first word…</source>
        <translation>في انتظار الكلمة الأولى…</translation>
    </message>
    <message>
        <source>Wrap</source>
        <translation>التفاف</translation>
    </message>
    <message>
        <source>You</source>
        <translation>أنت</translation>
    </message>
    <message>
        <source>can’t be shown here</source>
        <translation>لا يمكن عرضه هنا</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>أول رمز بعد {time}</translation>
    </message>
    <message>
        <source>not a picture</source>
        <translation>ليست صورة</translation>
    </message>
    <message>
        <source>text</source>
        <extracomment>The language of a code block that names none</extracomment>
        <translation>نص</translation>
    </message>
    <message>
        <source>{day}, {time}</source>
        <translation>{day}، {time}</translation>
    </message>
    <message>
        <source>{place} of {count}</source>
        <extracomment>Which match of how many: 3 of 12</extracomment>
        <translation>{place} من {count}</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} رمز/ث</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more row(s)</source>
        <translation>
            <numerusform>… ولا صفوف أخرى</numerusform>
            <numerusform>… وصف آخر</numerusform>
            <numerusform>… وصفان آخران</numerusform>
            <numerusform>… و%n صفوف أخرى</numerusform>
            <numerusform>… و%n صفًا آخر</numerusform>
            <numerusform>… و%n صف آخر</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TitleField</name>
    <message>
        <source>Title of the conversation</source>
        <translation>عنوان المحادثة</translation>
    </message>
</context>
<context>
    <name>Transfer</name>
    <message numerus="yes">
        <source>%n conversation(s) came in from the file.</source>
        <translation>
            <numerusform>لم تُستورد أي محادثة من الملف.</numerusform>
            <numerusform>استُوردت محادثة واحدة من الملف.</numerusform>
            <numerusform>استُوردت محادثتان من الملف.</numerusform>
            <numerusform>استُوردت %n محادثات من الملف.</numerusform>
            <numerusform>استُوردت %n محادثة من الملف.</numerusform>
            <numerusform>استُوردت %n محادثة من الملف.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) came in from {source}.</source>
        <translation>
            <numerusform>لم تُستورد أي محادثة من {source}.</numerusform>
            <numerusform>استُوردت محادثة واحدة من {source}.</numerusform>
            <numerusform>استُوردت محادثتان من {source}.</numerusform>
            <numerusform>استُوردت %n محادثات من {source}.</numerusform>
            <numerusform>استُوردت %n محادثة من {source}.</numerusform>
            <numerusform>استُوردت %n محادثة من {source}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) or file(s) are not in the export and are shown by their names.</source>
        <translation>
            <numerusform>لا تنقص التصدير أي صور أو ملفات.</numerusform>
            <numerusform>صورة واحدة أو ملف واحد غير موجود في التصدير ويظهر باسمه.</numerusform>
            <numerusform>صورتان أو ملفان غير موجودين في التصدير ويظهران باسميهما.</numerusform>
            <numerusform>%n من الصور أو الملفات غير موجودة في التصدير وتظهر بأسمائها.</numerusform>
            <numerusform>%n من الصور أو الملفات غير موجودة في التصدير وتظهر بأسمائها.</numerusform>
            <numerusform>%n من الصور أو الملفات غير موجودة في التصدير وتظهر بأسمائها.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n that were here got new messages.</source>
        <translation>
            <numerusform>لم تصل رسائل جديدة إلى المحادثات الموجودة هنا.</numerusform>
            <numerusform>حصلت محادثة كانت هنا على رسائل جديدة.</numerusform>
            <numerusform>حصلت محادثتان كانتا هنا على رسائل جديدة.</numerusform>
            <numerusform>حصلت %n محادثات كانت هنا على رسائل جديدة.</numerusform>
            <numerusform>حصلت %n محادثة كانت هنا على رسائل جديدة.</numerusform>
            <numerusform>حصلت %n محادثة كانت هنا على رسائل جديدة.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were left out.</source>
        <translation>
            <numerusform>لم يُستبعد شيء.</numerusform>
            <numerusform>استُبعد عنصر واحد.</numerusform>
            <numerusform>استُبعد عنصران.</numerusform>
            <numerusform>استُبعدت %n عناصر.</numerusform>
            <numerusform>استُبعد %n عنصرًا.</numerusform>
            <numerusform>استُبعد %n عنصر.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <translation>
            <numerusform>لم يكن أي منها هنا.</numerusform>
            <numerusform>كان واحد هنا من قبل.</numerusform>
            <numerusform>كان اثنان هنا من قبل.</numerusform>
            <numerusform>كان %n هنا من قبل.</numerusform>
            <numerusform>كان %n هنا من قبل.</numerusform>
            <numerusform>كان %n هنا من قبل.</numerusform>
        </translation>
    </message>
    <message>
        <source>It was cancelled before its end; what had come in stays.</source>
        <translation>أُلغي قبل نهايته، ويبقى ما استُورد.</translation>
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
        <translation>صفحة ويب (HTML)</translation>
    </message>
    <message>
        <source>Weir archive (JSON)</source>
        <translation>أرشيف Weir (JSON)</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more.</source>
        <translation>
            <numerusform>… ولا غير ذلك.</numerusform>
            <numerusform>… وواحد آخر.</numerusform>
            <numerusform>… واثنان آخران.</numerusform>
            <numerusform>… و%n أخرى.</numerusform>
            <numerusform>… و%n أخرى.</numerusform>
            <numerusform>… و%n أخرى.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TransferDoor</name>
    <message numerus="yes">
        <source>%n conversation(s) are back.</source>
        <translation>
            <numerusform>لم تُستعد أي محادثة.</numerusform>
            <numerusform>استُعيدت محادثة واحدة.</numerusform>
            <numerusform>استُعيدت محادثتان.</numerusform>
            <numerusform>استُعيدت %n محادثات.</numerusform>
            <numerusform>استُعيدت %n محادثة.</numerusform>
            <numerusform>استُعيدت %n محادثة.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) could not be read.</source>
        <translation>
            <numerusform>قُرئت المحادثات كلها.</numerusform>
            <numerusform>تعذّرت قراءة محادثة واحدة.</numerusform>
            <numerusform>تعذّرت قراءة محادثتين.</numerusform>
            <numerusform>تعذّرت قراءة %n محادثات.</numerusform>
            <numerusform>تعذّرت قراءة %n محادثة.</numerusform>
            <numerusform>تعذّرت قراءة %n محادثة.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) were saved as {name}.</source>
        <translation>
            <numerusform>لم تُحفظ أي محادثة باسم {name}.</numerusform>
            <numerusform>حُفظت محادثة واحدة باسم {name}.</numerusform>
            <numerusform>حُفظت محادثتان باسم {name}.</numerusform>
            <numerusform>حُفظت %n محادثات باسم {name}.</numerusform>
            <numerusform>حُفظت %n محادثة باسم {name}.</numerusform>
            <numerusform>حُفظت %n محادثة باسم {name}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) could not be read.</source>
        <translation>
            <numerusform>قُرئ كل شيء.</numerusform>
            <numerusform>تعذّرت قراءة عنصر واحد.</numerusform>
            <numerusform>تعذّرت قراءة عنصرين.</numerusform>
            <numerusform>تعذّرت قراءة %n عناصر.</numerusform>
            <numerusform>تعذّرت قراءة %n عنصرًا.</numerusform>
            <numerusform>تعذّرت قراءة %n عنصر.</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>كل الملفات (*)</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>استعادة</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>نسخ كنص</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>التفاصيل</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>تصدير</translation>
    </message>
    <message>
        <source>Export conversations</source>
        <translation>تصدير المحادثات</translation>
    </message>
    <message>
        <source>Exports and archives (*.zip *.json *.weir *.db)</source>
        <translation>ملفات التصدير والأرشيف (*.zip *.json *.weir *.db)</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>استيراد المحادثات</translation>
    </message>
    <message>
        <source>The conversation was copied.</source>
        <translation>نُسخت المحادثة.</translation>
    </message>
    <message>
        <source>The conversation was saved as {name}.</source>
        <translation>حُفظت المحادثة باسم {name}.</translation>
    </message>
    <message>
        <source>The history was damaged. It was set aside whole as {name}. What the newest good backup has and what can still be read can be brought back.</source>
        <translation>تلف السجل، وقد وُضع جانبًا كاملًا باسم {name}. يمكن استعادة ما في أحدث نسخة احتياطية سليمة وما لا يزال مقروءًا.</translation>
    </message>
    <message>
        <source>Weir conversations</source>
        <translation>محادثات Weir</translation>
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
        <translation>استعادة المحادثات</translation>
    </message>
    <message>
        <source>Bringing conversations in</source>
        <translation>استيراد المحادثات</translation>
    </message>
    <message>
        <source>Saving conversations</source>
        <translation>حفظ المحادثات</translation>
    </message>
    <message>
        <source>The export was cancelled; no file was written.</source>
        <translation>أُلغي التصدير ولم يُكتب أي ملف.</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>New conversation</source>
        <translation>محادثة جديدة</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>سؤال سريع</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>إنهاء</translation>
    </message>
    <message>
        <source>Show or hide Weir</source>
        <translation>إظهار Weir أو إخفاؤه</translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>لا نماذج</numerusform>
            <numerusform>نموذج واحد</numerusform>
            <numerusform>نموذجان</numerusform>
            <numerusform>%n نماذج</numerusform>
            <numerusform>%n نموذجًا</numerusform>
            <numerusform>%n نموذج</numerusform>
        </translation>
    </message>
    <message>
        <source>Asking {host}…</source>
        <translation>جارٍ سؤال {host}…</translation>
    </message>
    <message>
        <source>Connected to {address}</source>
        <translation>تم الاتصال بـ {address}</translation>
    </message>
    <message>
        <source>Connecting to {address}…</source>
        <translation>جارٍ الاتصال بـ {address}…</translation>
    </message>
    <message>
        <source>It says: “{words}”</source>
        <translation>تقول: «{words}»</translation>
    </message>
    <message>
        <source>Looking up {host}…</source>
        <translation>جارٍ البحث عن عنوان {host}…</translation>
    </message>
    <message>
        <source>Not encrypted: the address begins with http://</source>
        <translation>غير مشفّر: يبدأ العنوان بـ http://</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted</source>
        <translation>اتصال آمن، وشهادته موثوقة</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted ({version})</source>
        <extracomment>{version} is the protocol, such as TLS 1.3</extracomment>
        <translation>اتصال آمن، وشهادته موثوقة ({version})</translation>
    </message>
    <message>
        <source>Securing the connection…</source>
        <translation>جارٍ تأمين الاتصال…</translation>
    </message>
    <message>
        <source>The key was accepted</source>
        <translation>قُبل المفتاح</translation>
    </message>
    <message>
        <source>The models are listed without a key too; the first prompt shows whether it is right</source>
        <translation>تُعرض قائمة النماذج من دون مفتاح أيضًا، ويبيّن الطلب الأول هل المفتاح صحيح</translation>
    </message>
    <message>
        <source>The proxy {proxy} lets it through</source>
        <translation>يمرّره الوكيل {proxy}</translation>
    </message>
    <message>
        <source>Through the proxy {proxy}…</source>
        <translation>عبر الوكيل {proxy}…</translation>
    </message>
    <message>
        <source>Waiting for the answer…</source>
        <translation>في انتظار الاستجابة…</translation>
    </message>
    <message>
        <source>{host} is {address}</source>
        <translation>عنوان {host} هو {address}</translation>
    </message>
    <message numerus="yes">
        <source>{host} is {address} and %n more</source>
        <extracomment>A name and the addresses it stands for: how many there are besides the one that is named</extracomment>
        <translation>
            <numerusform>عنوان {host} هو {address} ولا سواه</numerusform>
            <numerusform>عنوان {host} هو {address} وعنوان آخر</numerusform>
            <numerusform>عنوان {host} هو {address} وعنوانان آخران</numerusform>
            <numerusform>عنوان {host} هو {address} و%n عناوين أخرى</numerusform>
            <numerusform>عنوان {host} هو {address} و%n عنوانًا آخر</numerusform>
            <numerusform>عنوان {host} هو {address} و%n عنوان آخر</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TuneButton</name>
    <message>
        <source>Options of this conversation</source>
        <translation>خيارات هذه المحادثة</translation>
    </message>
    <message numerus="yes">
        <source>Options of this conversation: %n set</source>
        <translation>
            <numerusform>خيارات هذه المحادثة: لا شيء مضبوط</numerusform>
            <numerusform>خيارات هذه المحادثة: واحد مضبوط</numerusform>
            <numerusform>خيارات هذه المحادثة: اثنان مضبوطان</numerusform>
            <numerusform>خيارات هذه المحادثة: %n مضبوطة</numerusform>
            <numerusform>خيارات هذه المحادثة: %n مضبوطة</numerusform>
            <numerusform>خيارات هذه المحادثة: %n مضبوطة</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Turn</name>
    <message>
        <source>Reading the prompt</source>
        <translation>قراءة الطلب</translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation>إعادة المحاولة</translation>
    </message>
    <message>
        <source>Trying again in {seconds} s</source>
        <translation>إعادة المحاولة بعد {seconds} ث</translation>
    </message>
</context>
<context>
    <name>UpdatesCard</name>
    <message>
        <source>Asking…</source>
        <extracomment>While the newest version is asked for</extracomment>
        <translation>جارٍ السؤال…</translation>
    </message>
    <message>
        <source>Check for updates</source>
        <translation>البحث عن تحديثات</translation>
    </message>
    <message>
        <source>Check once a day when Weir starts</source>
        <translation>البحث مرة كل يوم عند تشغيل Weir</translation>
    </message>
    <message>
        <source>It was not made from a published release, so it does not know where newer ones would be.</source>
        <translation>لم يُبنَ من إصدار منشور، ولذلك لا يعرف أين تكون الإصدارات الأحدث.</translation>
    </message>
    <message>
        <source>Nothing is asked until you press the button.</source>
        <translation>لا يُسأل عن شيء إلى أن تضغط الزر.</translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation>فتح صفحته</translation>
    </message>
    <message>
        <source>The list of releases can’t be reached. You may be offline; try again when you are not.</source>
        <translation>لا يمكن الوصول إلى قائمة الإصدارات. قد تكون غير متصل، فأعد المحاولة حين تتصل.</translation>
    </message>
    <message>
        <source>The list of releases does not say what the newest version is. Try again later.</source>
        <translation>لا تذكر قائمة الإصدارات أحدث إصدار. أعد المحاولة لاحقًا.</translation>
    </message>
    <message>
        <source>There is no newer one.</source>
        <translation>لا يوجد إصدار أحدث.</translation>
    </message>
    <message>
        <source>This is Weir {version}.</source>
        <translation>هذا هو Weir {version}.</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>التحديثات</translation>
    </message>
    <message>
        <source>Version {version} is there. Conversations and settings stay as they are.</source>
        <translation>الإصدار {version} متاح. تبقى المحادثات والإعدادات كما هي.</translation>
    </message>
    <message>
        <source>{host} can’t be reached. You may be offline; try again when you are not.</source>
        <translation>لا يمكن الوصول إلى {host}. قد تكون غير متصل، فأعد المحاولة حين تتصل.</translation>
    </message>
    <message>
        <source>{host} did not say what the newest version is. Try again later.</source>
        <translation>لم يذكر {host} أحدث إصدار. أعد المحاولة لاحقًا.</translation>
    </message>
</context>
<context>
    <name>Usage</name>
    <message numerus="yes">
        <source>%n of them in the bin</source>
        <translation>
            <numerusform>لا شيء منها في سلة المهملات</numerusform>
            <numerusform>واحد منها في سلة المهملات</numerusform>
            <numerusform>اثنان منها في سلة المهملات</numerusform>
            <numerusform>%n منها في سلة المهملات</numerusform>
            <numerusform>%n منها في سلة المهملات</numerusform>
            <numerusform>%n منها في سلة المهملات</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies came without any counts, for instance from other programs, and are left out.</source>
        <translation>
            <numerusform>لا ردود بلا أعداد.</numerusform>
            <numerusform>رد واحد جاء بلا أي أعداد، من برنامج آخر مثلًا، ولم يُحتسب.</numerusform>
            <numerusform>ردّان جاءا بلا أي أعداد، من برامج أخرى مثلًا، ولم يُحتسبا.</numerusform>
            <numerusform>%n ردود جاءت بلا أي أعداد، من برامج أخرى مثلًا، ولم تُحتسب.</numerusform>
            <numerusform>%n ردًا جاءت بلا أي أعداد، من برامج أخرى مثلًا، ولم تُحتسب.</numerusform>
            <numerusform>%n رد جاءت بلا أي أعداد، من برامج أخرى مثلًا، ولم تُحتسب.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies have no price</source>
        <translation>
            <numerusform>لا ردود بلا سعر</numerusform>
            <numerusform>رد واحد بلا سعر</numerusform>
            <numerusform>ردّان بلا سعر</numerusform>
            <numerusform>%n ردود بلا سعر</numerusform>
            <numerusform>%n ردًا بلا سعر</numerusform>
            <numerusform>%n رد بلا سعر</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s) were saved as {name}.</source>
        <translation>
            <numerusform>لم تُحفظ أي صفوف باسم {name}.</numerusform>
            <numerusform>حُفظ صف واحد باسم {name}.</numerusform>
            <numerusform>حُفظ صفان باسم {name}.</numerusform>
            <numerusform>حُفظت %n صفوف باسم {name}.</numerusform>
            <numerusform>حُفظ %n صفًا باسم {name}.</numerusform>
            <numerusform>حُفظ %n صف باسم {name}.</numerusform>
        </translation>
    </message>
    <message>
        <source>(without a name)</source>
        <translation>(بلا اسم)</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 يومًا</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7 أيام</translation>
    </message>
    <message>
        <source>90 days</source>
        <translation>90 يومًا</translation>
    </message>
    <message>
        <source>&lt;{amount}</source>
        <extracomment>Less than an amount of money</extracomment>
        <translation>&lt;{amount}</translation>
    </message>
    <message>
        <source>A year</source>
        <translation>سنة</translation>
    </message>
    <message>
        <source>All</source>
        <extracomment>A period: all the time</extracomment>
        <translation>الكل</translation>
    </message>
    <message>
        <source>All endpoints</source>
        <translation>كل نقاط الوصول</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>كل الملفات (*)</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>كل النماذج</translation>
    </message>
    <message>
        <source>As CSV, with the conversations’ titles…</source>
        <translation>بصيغة CSV، مع عناوين المحادثات…</translation>
    </message>
    <message>
        <source>As CSV…</source>
        <translation>بصيغة CSV…</translation>
    </message>
    <message>
        <source>Cached</source>
        <extracomment>Over a column: tokens that came from a cache</extracomment>
        <translation>مخزّنة</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>الرسوم البيانية</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>قيم مفصولة بفواصل (*.csv)</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>التكلفة</translation>
    </message>
    <message>
        <source>Counted is what services stated, in US dollars, at list price where they state no cost. What has no price, such as models on this computer, adds nothing to the cost.</source>
        <translation>يُحتسب ما أعلنته الخدمات بالدولار الأمريكي، وبسعر القائمة حين لا تذكر تكلفة. وما ليس له سعر، كالنماذج على هذا الحاسوب، لا يضيف شيئًا إلى التكلفة.</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <extracomment>Over a column, and a choice in the usage window: which endpoint was asked</extracomment>
        <translation>نقطة الوصول</translation>
    </message>
    <message>
        <source>Export usage</source>
        <translation>تصدير الاستهلاك</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>تصدير…</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>أول رمز</translation>
    </message>
    <message>
        <source>In</source>
        <extracomment>Tokens in, over a column</extracomment>
        <translation>داخلة</translation>
    </message>
    <message>
        <source>Model</source>
        <extracomment>Over a column, and a choice in the usage window: which model was asked</extracomment>
        <translation>النموذج</translation>
    </message>
    <message>
        <source>Models: {names}</source>
        <translation>النماذج: {names}</translation>
    </message>
    <message>
        <source>Nothing in this time</source>
        <translation>لا شيء في هذه المدة</translation>
    </message>
    <message>
        <source>Others</source>
        <extracomment>In a legend: the models that have no colour of their own</extracomment>
        <translation>غيرها</translation>
    </message>
    <message>
        <source>Out</source>
        <extracomment>Tokens out, over a column</extracomment>
        <translation>خارجة</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>الاستدلال</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>الردود</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>السرعة</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>جدول</translation>
    </message>
    <message>
        <source>The arrow keys go through it; the table has every number.</source>
        <translation>تتنقل مفاتيح الأسهم فيه، وفي الجدول كل رقم.</translation>
    </message>
    <message>
        <source>Time to first token</source>
        <translation>الزمن حتى أول رمز</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>الرموز</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>الرموز الداخلة</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>الرموز الخارجة</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>الرموز في الثانية</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>الاستهلاك</translation>
    </message>
    <message>
        <source>Usage as a table</source>
        <translation>الاستهلاك في جدول</translation>
    </message>
    <message>
        <source>Week from {day}</source>
        <translation>الأسبوع من {day}</translation>
    </message>
    <message>
        <source>What is in the bin counts, what was deleted for good no longer does. Summaries of long conversations count as replies; titles that the model wrote are not counted.</source>
        <translation>ما في سلة المهملات محتسب، وما حُذف نهائيًا لم يعد محتسبًا. ملخصات المحادثات الطويلة تُحتسب ردودًا، أما العناوين التي كتبها النموذج فلا تُحتسب.</translation>
    </message>
    <message>
        <source>When</source>
        <extracomment>Over a column: the day, the week or the month</extracomment>
        <translation>التاريخ</translation>
    </message>
    <message>
        <source>in and out</source>
        <translation>داخلة وخارجة</translation>
    </message>
    <message>
        <source>mean per day</source>
        <translation>المتوسط اليومي</translation>
    </message>
    <message>
        <source>mean per month</source>
        <translation>المتوسط الشهري</translation>
    </message>
    <message>
        <source>mean per week</source>
        <translation>المتوسط الأسبوعي</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>لا شيء</translation>
    </message>
    <message>
        <source>on average</source>
        <translation>في المتوسط</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a cost</extracomment>
        <translation>غير معروف</translation>
    </message>
    <message>
        <source>{count} for reasoning</source>
        <extracomment>{count} is a number of tokens in short: 3.2k</extracomment>
        <translation>{count} للاستدلال</translation>
    </message>
    <message>
        <source>{model} {value}</source>
        <extracomment>A model and what was used of it: gpt-5 1,234</extracomment>
        <translation>{model} {value}</translation>
    </message>
    <message>
        <source>{name} per day</source>
        <translation>{name} في اليوم</translation>
    </message>
    <message>
        <source>{name} per month</source>
        <translation>{name} في الشهر</translation>
    </message>
    <message>
        <source>{name} per week</source>
        <translation>{name} في الأسبوع</translation>
    </message>
    <message numerus="yes">
        <source>{name}, %n step(s) from {first} to {last}. Highest: {title}, {top}.</source>
        <translation>
            <numerusform>{name}، بلا خطوات، من {first} إلى {last}. الأعلى: {title}، {top}.</numerusform>
            <numerusform>{name}، خطوة واحدة من {first} إلى {last}. الأعلى: {title}، {top}.</numerusform>
            <numerusform>{name}، خطوتان من {first} إلى {last}. الأعلى: {title}، {top}.</numerusform>
            <numerusform>{name}، %n خطوات من {first} إلى {last}. الأعلى: {title}، {top}.</numerusform>
            <numerusform>{name}، %n خطوة من {first} إلى {last}. الأعلى: {title}، {top}.</numerusform>
            <numerusform>{name}، %n خطوة من {first} إلى {last}. الأعلى: {title}، {top}.</numerusform>
        </translation>
    </message>
    <message>
        <source>{name}: nothing in this time.</source>
        <translation>{name}: لا شيء في هذه المدة.</translation>
    </message>
    <message>
        <source>{share} of it from a cache</source>
        <translation>منها {share} من ذاكرة مؤقتة</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} رمز/ث</translation>
    </message>
</context>
<context>
    <name>Used</name>
    <message>
        <source>Cost</source>
        <translation>التكلفة</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>أول رمز</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>السرعة</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>الرموز الداخلة</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>الرموز الخارجة</translation>
    </message>
    <message>
        <source>Whole reply</source>
        <translation>الرد كاملًا</translation>
    </message>
    <message>
        <source>of them for reasoning</source>
        <translation>منها للاستدلال</translation>
    </message>
    <message>
        <source>of them from a cache</source>
        <translation>منها من ذاكرة مؤقتة</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a figure</extracomment>
        <translation>غير معروف</translation>
    </message>
    <message>
        <source>{speed} tokens per second</source>
        <translation>{speed} رمز في الثانية</translation>
    </message>
</context>
<context>
    <name>Vault</name>
    <message>
        <source>The keyring</source>
        <translation>حلقة المفاتيح</translation>
    </message>
    <message>
        <source>The keyring is locked or did not answer. Unlock it, then try again.</source>
        <translation>حلقة المفاتيح مقفلة أو لم تُجب. افتح قفلها ثم أعد المحاولة.</translation>
    </message>
    <message>
        <source>The keyring is not set up yet, or its question was dismissed. Open your system's password manager once to set it up, or keep the key for this run only.</source>
        <translation>لم تُعدّ حلقة المفاتيح بعد، أو صُرف سؤالها. افتح مدير كلمات المرور في نظامك مرة واحدة لإعدادها، أو احتفظ بالمفتاح لهذا التشغيل فقط.</translation>
    </message>
    <message>
        <source>The keyring set up for Python ({name}) can't be used. Correct that setting, or keep the key for this run only.</source>
        <translation>لا يمكن استخدام حلقة المفاتيح المعدّة لـ Python ({name}). صحّح هذا الإعداد، أو احتفظ بالمفتاح لهذا التشغيل فقط.</translation>
    </message>
    <message>
        <source>There is no key in this text. Paste the key as the service shows it.</source>
        <translation>لا مفتاح في هذا النص. ألصق المفتاح كما تعرضه الخدمة.</translation>
    </message>
    <message>
        <source>There is no keyring on this system to keep the key in. Install one, for instance GNOME Keyring or KWallet, or keep the key for this run only.</source>
        <translation>لا توجد في هذا النظام حلقة مفاتيح لحفظ المفتاح. ثبّت واحدة، مثل GNOME Keyring أو KWallet، أو احتفظ بالمفتاح لهذا التشغيل فقط.</translation>
    </message>
    <message>
        <source>This key is longer than {name} can keep. Check that only the key was pasted.</source>
        <translation>هذا المفتاح أطول مما تستطيع {name} حفظه. تأكد من أنك ألصقت المفتاح وحده.</translation>
    </message>
    <message>
        <source>Weir is closing; the keyring is not asked any more.</source>
        <translation>Weir قيد الإغلاق، ولم تعد حلقة المفاتيح تُسأل.</translation>
    </message>
    <message>
        <source>{name} did not delete the key. Unlock it and try again, or delete it in your password manager.</source>
        <translation>لم تحذف {name} المفتاح. افتح قفلها وأعد المحاولة، أو احذفه في مدير كلمات المرور.</translation>
    </message>
    <message>
        <source>{name} did not give the key. Unlock it and try again, or enter the key for this run only.</source>
        <translation>لم تعط {name} المفتاح. افتح قفلها وأعد المحاولة، أو أدخل المفتاح لهذا التشغيل فقط.</translation>
    </message>
    <message>
        <source>{name} did not take the key. Unlock it and try again, or keep the key for this run only.</source>
        <translation>لم تقبل {name} المفتاح. افتح قفلها وأعد المحاولة، أو احتفظ بالمفتاح لهذا التشغيل فقط.</translation>
    </message>
    <message>
        <source>{name} took the key but did not give it back, so it may not be stored. Try again, or keep the key for this run only.</source>
        <translation>أخذت {name} المفتاح ولم تُعده، فقد لا يكون محفوظًا. أعد المحاولة، أو احتفظ بالمفتاح لهذا التشغيل فقط.</translation>
    </message>
</context>
<context>
    <name>Windows</name>
    <message>
        <source>Close the window</source>
        <translation>إغلاق النافذة</translation>
    </message>
    <message>
        <source>New window</source>
        <translation>نافذة جديدة</translation>
    </message>
    <message>
        <source>Open in a window of its own</source>
        <translation>فتح في نافذة مستقلة</translation>
    </message>
    <message>
        <source>Open in new window</source>
        <translation>فتح في نافذة جديدة</translation>
    </message>
    <message>
        <source>new window detach</source>
        <translation>نافذة جديدة فصل</translation>
    </message>
</context>
<context>
    <name>Wishes</name>
    <message>
        <source>Import</source>
        <translation>استيراد</translation>
    </message>
    <message>
        <source>Read the conversations in “{name}” into your history? What is there stays as it is.</source>
        <translation>هل تُقرأ المحادثات من «{name}» إلى سجلك؟ يبقى ما هو موجود كما هو.</translation>
    </message>
    <message>
        <source>Weir can't open “{name}”. It opens models (.gguf) and archives (.zip, .json, .weir, .db).</source>
        <translation>لا يستطيع Weir فتح «{name}». يفتح النماذج (.gguf) والأرشيفات (.zip أو .json أو .weir أو .db).</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>${amount}</source>
        <extracomment>A price in US dollars</extracomment>
        <translation>${amount}</translation>
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
        <translation>{before}، {after}</translation>
    </message>
    <message>
        <source>{before}, {after}</source>
        <comment>a list</comment>
        <extracomment>Joins the names in a list</extracomment>
        <translation>{before}، {after}</translation>
    </message>
    <message>
        <source>{first} {next}</source>
        <extracomment>Two sentences one after the other; languages that write no space between them leave it out</extracomment>
        <translation>{first} {next}</translation>
    </message>
    <message>
        <source>{minutes} min {seconds} s</source>
        <extracomment>Minutes and seconds, in short</extracomment>
        <translation>{minutes} د {seconds} ث</translation>
    </message>
    <message>
        <source>{name}: {value}</source>
        <extracomment>A value after its name, such as Cost: $0.12</extracomment>
        <translation>{name}: {value}</translation>
    </message>
    <message>
        <source>{number} ms</source>
        <extracomment>Milliseconds, in short</extracomment>
        <translation>{number} م.ث</translation>
    </message>
    <message>
        <source>{number} s</source>
        <extracomment>Seconds, in short</extracomment>
        <translation>{number} ث</translation>
    </message>
    <message>
        <source>{number} µs</source>
        <extracomment>Microseconds, in short</extracomment>
        <translation>{number} µs</translation>
    </message>
    <message>
        <source>{number}B</source>
        <comment>thousands of millions</comment>
        <translation>{number} مليار</translation>
    </message>
    <message>
        <source>{number}M</source>
        <comment>millions</comment>
        <translation>{number} مليون</translation>
    </message>
    <message>
        <source>{number}k</source>
        <comment>thousands</comment>
        <translation>{number} ألف</translation>
    </message>
    <message>
        <source>{number} %</source>
        <extracomment>A share in percent, such as 42 %</extracomment>
        <translation>{number}٪</translation>
    </message>
</context>
<context>
    <name>WorkRow</name>
    <message>
        <source>Cancel</source>
        <translation>إلغاء</translation>
    </message>
    <message>
        <source>Cancel: {work}</source>
        <translation>إلغاء: {work}</translation>
    </message>
    <message>
        <source>{work} – is being ended</source>
        <translation>{work} – قيد الإنهاء</translation>
    </message>
</context>
<context>
    <name>WorkStrip</name>
    <message>
        <source>What takes long</source>
        <translation>ما يستغرق وقتًا</translation>
    </message>
</context>
<context>
    <name>Works</name>
    <message>
        <source>Making today’s copy of the history</source>
        <translation>إعداد نسخة اليوم من السجل</translation>
    </message>
    <message>
        <source>Opening and checking the history</source>
        <translation>فتح السجل وفحصه</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>بقيت بضع ثوانٍ</translation>
    </message>
    <message numerus="yes">
        <source>about %n h left</source>
        <translation>
            <numerusform>لم تبق ساعات</numerusform>
            <numerusform>بقي نحو ساعة</numerusform>
            <numerusform>بقي نحو ساعتين</numerusform>
            <numerusform>بقي نحو %n ساعات</numerusform>
            <numerusform>بقي نحو %n ساعة</numerusform>
            <numerusform>بقي نحو %n ساعة</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n min left</source>
        <translation>
            <numerusform>لم تبق دقائق</numerusform>
            <numerusform>بقي نحو دقيقة</numerusform>
            <numerusform>بقي نحو دقيقتين</numerusform>
            <numerusform>بقي نحو %n دقائق</numerusform>
            <numerusform>بقي نحو %n دقيقة</numerusform>
            <numerusform>بقي نحو %n دقيقة</numerusform>
        </translation>
    </message>
    <message>
        <source>about a minute left</source>
        <translation>بقي نحو دقيقة</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>بقي أقل من دقيقة</translation>
    </message>
</context>
<context>
    <name>Writing</name>
    <message>
        <source>Attach files</source>
        <translation>إرفاق ملفات</translation>
    </message>
</context>
<context>
    <name>_Model</name>
    <message>
        <source>no keys</source>
        <translation>بلا مفاتيح</translation>
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
