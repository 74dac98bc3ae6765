<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>Keys are kept in this computer’s keyring.</source>
        <translation>密钥保存在这台电脑的密钥环中。</translation>
    </message>
    <message>
        <source>Keys are kept in {keyring}, under the name “weir”. They are in no file of Weir’s and in no log.</source>
        <translation>密钥保存在 {keyring} 中，条目名为“weir”。Weir 的任何文件和日志中都没有密钥。</translation>
    </message>
    <message>
        <source>SmolLM2 135M Instruct, the demo model</source>
        <translation>SmolLM2 135M Instruct，演示模型</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use, so keys are not stored. A key you enter is kept in memory and forgotten when Weir ends; one in an environment variable is used from there.</source>
        <translation>这台电脑没有 Weir 可用的密钥环，因此不会保存密钥。输入的密钥只留在内存中，Weir 退出后即被清除；环境变量中的密钥则直接从那里读取。</translation>
    </message>
    <message>
        <source>the prices of genai-prices</source>
        <translation>genai-prices 的价格数据</translation>
    </message>
    <message>
        <source>ziamath, ziafont, latex2mathml, with the font STIX Two Math</source>
        <translation>ziamath、ziafont、latex2mathml，以及字体 STIX Two Math</translation>
    </message>
</context>
<context>
    <name>AboutPage</name>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>Conversations are in a database on this computer. What you send goes to the endpoint you chose and to nobody else. Weir has no account and no statistics, and asks nobody for updates unless you say so.</source>
        <translation>对话保存在这台电脑上的数据库中。发送的内容只会送往所选的端点，不会送往别处。Weir 没有账号，不做统计，未经允许也不会检查更新。</translation>
    </message>
    <message>
        <source>Made of</source>
        <extracomment>Over a list of what Weir is made of, and the licences</extracomment>
        <translation>组成部分</translation>
    </message>
    <message>
        <source>Weir itself is under the MIT License.</source>
        <translation>Weir 本身采用 MIT 许可证。</translation>
    </message>
    <message>
        <source>Your data</source>
        <translation>你的数据</translation>
    </message>
    <message>
        <source>Your keys</source>
        <translation>你的密钥</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Archive the conversation</source>
        <translation>归档对话</translation>
    </message>
    <message>
        <source>Attach files…</source>
        <translation>添加附件…</translation>
    </message>
    <message>
        <source>Cancel what takes long</source>
        <translation>取消耗时的操作</translation>
    </message>
    <message>
        <source>Change the last prompt</source>
        <translation>修改上一条提示词</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>选择模型…</translation>
    </message>
    <message>
        <source>Colours like the system</source>
        <translation>跟随系统颜色</translation>
    </message>
    <message>
        <source>Compare models…</source>
        <translation>比较模型…</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Dark colours</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Delete the conversation</source>
        <translation>删除对话</translation>
    </message>
    <message>
        <source>Delete the message that has the keyboard</source>
        <translation>删除焦点所在的消息</translation>
    </message>
    <message>
        <source>Delete what is chosen in the list</source>
        <translation>删除列表中选中的项目</translation>
    </message>
    <message>
        <source>Do or open anything…</source>
        <translation>执行操作或打开内容…</translation>
    </message>
    <message>
        <source>Do what the newest notice offers, such as Undo</source>
        <translation>执行最新通知中的操作，例如撤销</translation>
    </message>
    <message>
        <source>Find in the conversation…</source>
        <translation>在对话中查找…</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>高对比度</translation>
    </message>
    <message>
        <source>Its next version</source>
        <translation>下一个版本</translation>
    </message>
    <message>
        <source>Its version before</source>
        <translation>上一个版本</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Keyboard to the next part of the window</source>
        <translation>焦点移到窗口的下一部分</translation>
    </message>
    <message>
        <source>Keyboard to the part before</source>
        <translation>焦点移到上一部分</translation>
    </message>
    <message>
        <source>Larger text and controls</source>
        <translation>放大文字和控件</translation>
    </message>
    <message>
        <source>Light colours</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>下一个对话</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>下一个匹配</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>正常大小</translation>
    </message>
    <message>
        <source>Open conversation {number}</source>
        <translation>打开第 {number} 个对话</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>此对话的选项</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Pin the conversation</source>
        <translation>置顶对话</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>上一个对话</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>上一个匹配</translation>
    </message>
    <message>
        <source>Program</source>
        <extracomment>A group of actions: those about Weir itself</extracomment>
        <translation>程序</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Reading</source>
        <extracomment>A group of actions: those about reading a conversation</extracomment>
        <translation>阅读</translation>
    </message>
    <message>
        <source>Rename in the list</source>
        <translation>在列表中重命名</translation>
    </message>
    <message>
        <source>Rename the conversation…</source>
        <translation>重命名对话…</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>回复</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>搜索全部</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Settings: About</source>
        <translation>设置：关于</translation>
    </message>
    <message>
        <source>Settings: Appearance</source>
        <translation>设置：外观</translation>
    </message>
    <message>
        <source>Settings: Data</source>
        <translation>设置：数据</translation>
    </message>
    <message>
        <source>Settings: Endpoints</source>
        <translation>设置：端点</translation>
    </message>
    <message>
        <source>Settings: Keyboard</source>
        <translation>设置：键盘</translation>
    </message>
    <message>
        <source>Settings: Network</source>
        <translation>设置：网络</translation>
    </message>
    <message>
        <source>Settings: On this computer</source>
        <translation>设置：这台电脑</translation>
    </message>
    <message>
        <source>Settings: Personas</source>
        <translation>设置：角色</translation>
    </message>
    <message>
        <source>Settings: Prompts</source>
        <translation>设置：提示词</translation>
    </message>
    <message>
        <source>Shelf</source>
        <extracomment>A group of actions: those about the list of conversations</extracomment>
        <translation>对话列表</translation>
    </message>
    <message>
        <source>Show or hide the folders</source>
        <translation>显示或隐藏文件夹</translation>
    </message>
    <message>
        <source>Show or hide the shelf</source>
        <translation>显示或隐藏对话列表</translation>
    </message>
    <message>
        <source>Show or leave the archive</source>
        <translation>显示或离开归档</translation>
    </message>
    <message>
        <source>Show or leave the bin</source>
        <translation>显示或离开回收站</translation>
    </message>
    <message>
        <source>Show the last replies side by side</source>
        <translation>并排显示最近的回复</translation>
    </message>
    <message>
        <source>Smaller text and controls</source>
        <translation>缩小文字和控件</translation>
    </message>
    <message>
        <source>Stop the reply</source>
        <translation>停止回复</translation>
    </message>
    <message>
        <source>Try the last reply again</source>
        <translation>重试上一条回复</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>用量</translation>
    </message>
    <message>
        <source>View</source>
        <extracomment>A group of actions: how the window looks</extracomment>
        <translation>视图</translation>
    </message>
    <message>
        <source>Write a prompt</source>
        <translation>撰写提示词</translation>
    </message>
    <message>
        <source>Writing</source>
        <extracomment>A group of actions: those about writing a prompt</extracomment>
        <translation>撰写</translation>
    </message>
    <message>
        <source>colours theme motion titles</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>颜色 主题 动画 标题 外观</translation>
    </message>
    <message>
        <source>compare</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>比较 对比</translation>
    </message>
    <message>
        <source>conversation bin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>对话 回收站</translation>
    </message>
    <message>
        <source>cost tokens statistics</source>
        <translation>费用 花费 token 统计</translation>
    </message>
    <message>
        <source>exit</source>
        <translation>退出 关闭</translation>
    </message>
    <message>
        <source>help keys</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>帮助 按键 快捷键</translation>
    </message>
    <message>
        <source>import export backup archive</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>导入 导出 备份 归档</translation>
    </message>
    <message>
        <source>import export stop</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>导入 导出 停止</translation>
    </message>
    <message>
        <source>local model GGUF</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>本地 模型 GGUF</translation>
    </message>
    <message>
        <source>preferences</source>
        <translation>偏好设置 选项</translation>
    </message>
    <message>
        <source>prompt</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>提示词</translation>
    </message>
    <message>
        <source>proxy certificates timeout</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>代理 证书 超时</translation>
    </message>
    <message>
        <source>regenerate</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>重新生成</translation>
    </message>
    <message>
        <source>services keys API</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>服务 密钥 API</translation>
    </message>
    <message>
        <source>shortcuts keys</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>快捷键 按键</translation>
    </message>
    <message>
        <source>side by side several</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>并排 多个</translation>
    </message>
    <message>
        <source>sidebar</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>侧边栏</translation>
    </message>
    <message>
        <source>system prompt assistant role</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>系统提示词 助手 角色</translation>
    </message>
    <message>
        <source>system prompt temperature reasoning</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>系统提示词 温度 推理</translation>
    </message>
    <message>
        <source>templates snippets library slash</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>模板 片段 提示词库 斜杠</translation>
    </message>
    <message>
        <source>theme appearance</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>主题 外观</translation>
    </message>
    <message>
        <source>title</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>标题</translation>
    </message>
    <message>
        <source>unpin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>version updates licences where files</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>版本 更新 许可证 位置 文件</translation>
    </message>
    <message>
        <source>zoom</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>缩放</translation>
    </message>
</context>
<context>
    <name>AppearancePage</name>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>Dark</source>
        <comment>colours</comment>
        <translation>深色</translation>
    </message>
    <message>
        <source>Glide</source>
        <extracomment>A choice under Motion: what is shown glides to its place</extracomment>
        <translation>滑动</translation>
    </message>
    <message>
        <source>Have a screen reader say the answer while it comes</source>
        <translation>回复生成时由屏幕阅读器读出</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>高对比度</translation>
    </message>
    <message>
        <source>Keep the start of the answer at the top</source>
        <translation>将回复开头保持在顶部</translation>
    </message>
    <message>
        <source>Let the model write them</source>
        <translation>由模型拟定</translation>
    </message>
    <message>
        <source>Light</source>
        <comment>colours</comment>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>动画</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>正常大小</translation>
    </message>
    <message>
        <source>Reduced: jump at once</source>
        <translation>减弱：直接跳转</translation>
    </message>
    <message>
        <source>Size of text and controls</source>
        <translation>文字和控件的大小</translation>
    </message>
    <message>
        <source>The first question and its answer are then sent once more to the service that answered, which costs a few tokens. Without this the title is taken from the question.</source>
        <translation>首个问题及其回复会再次发给作答的服务，消耗少量 token。不启用时，标题取自问题。</translation>
    </message>
    <message>
        <source>There are keys for this, too; Keyboard lists them.</source>
        <translation>这些也有快捷键，见“键盘”页。</translation>
    </message>
    <message>
        <source>Titles of conversations</source>
        <translation>对话标题</translation>
    </message>
    <message>
        <source>While a reply comes</source>
        <translation>回复生成时</translation>
    </message>
    <message>
        <source>Without this the end is followed until you scroll up.</source>
        <translation>不启用时，视图会跟随回复末尾，直到向上滚动为止。</translation>
    </message>
</context>
<context>
    <name>Archive</name>
    <message>
        <source>A conversation</source>
        <translation>一个对话</translation>
    </message>
    <message>
        <source>A file</source>
        <translation>一个文件</translation>
    </message>
    <message>
        <source>A file in the zip is damaged. Download the export again.</source>
        <translation>zip 中有一个文件已损坏。请重新下载导出文件。</translation>
    </message>
    <message>
        <source>Call of {name}</source>
        <translation>调用 {name}</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>未命名文件</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>指令</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>It has something in it that can’t be read.</source>
        <translation>其中有无法读取的内容。</translation>
    </message>
    <message>
        <source>It has too many messages.</source>
        <translation>消息过多。</translation>
    </message>
    <message>
        <source>It is a link, not a file.</source>
        <translation>这是链接，不是文件。</translation>
    </message>
    <message>
        <source>It is encrypted.</source>
        <translation>文件已加密。</translation>
    </message>
    <message>
        <source>It is nested too deeply.</source>
        <translation>嵌套层次过深。</translation>
    </message>
    <message>
        <source>It is no conversation of a program that Weir knows.</source>
        <translation>这不是 Weir 认识的程序所导出的对话。</translation>
    </message>
    <message>
        <source>It is no conversation.</source>
        <translation>这不是对话。</translation>
    </message>
    <message>
        <source>It is not whole.</source>
        <translation>内容不完整。</translation>
    </message>
    <message>
        <source>It is packed in a way that no export uses.</source>
        <translation>其打包方式不属于任何导出格式。</translation>
    </message>
    <message>
        <source>It is too large.</source>
        <translation>文件过大。</translation>
    </message>
    <message>
        <source>It was written by a newer version of Weir. Install that version to read it.</source>
        <translation>它由较新版本的 Weir 写入。请安装该版本后再读取。</translation>
    </message>
    <message>
        <source>It would grow too large when it is unpacked.</source>
        <translation>解压后会过大。</translation>
    </message>
    <message>
        <source>Its name leads out of the archive.</source>
        <translation>其名称指向归档之外。</translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation>粘贴的文本</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>回复</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>The archive is too large to be an export.</source>
        <translation>归档过大，不像是导出文件。</translation>
    </message>
    <message>
        <source>The file could not be read or written: {reason}.</source>
        <translation>文件无法读取或写入：{reason}。</translation>
    </message>
    <message>
        <source>The file has a text in it that is too large to be one of a conversation.</source>
        <translation>文件中有一段文本过大，不可能是对话内容。</translation>
    </message>
    <message>
        <source>The file has something in it that is not JSON.</source>
        <translation>文件中有不是 JSON 的内容。</translation>
    </message>
    <message>
        <source>The file holds no conversations.</source>
        <translation>文件中没有对话。</translation>
    </message>
    <message>
        <source>The file in the archive is damaged.</source>
        <translation>归档中的文件已损坏。</translation>
    </message>
    <message>
        <source>The file is not a whole zip file. Download it again.</source>
        <translation>这个 zip 文件不完整。请重新下载。</translation>
    </message>
    <message>
        <source>The file is not whole, or it is not JSON.</source>
        <translation>文件不完整，或者不是 JSON。</translation>
    </message>
    <message>
        <source>The file is too large to come along.</source>
        <translation>文件过大，未能一并导入。</translation>
    </message>
    <message>
        <source>The folder has too many files to be an export.</source>
        <translation>文件夹中的文件过多，不像是导出内容。</translation>
    </message>
    <message>
        <source>The zip file claims more than it holds. It was not read.</source>
        <translation>zip 文件声明的内容多于实际内容，未读取。</translation>
    </message>
    <message>
        <source>The zip file has too many files to be an export.</source>
        <translation>zip 文件中的文件过多，不像是导出文件。</translation>
    </message>
    <message>
        <source>There are no conversations in this file that Weir knows. It reads the exports of ChatGPT, Claude, Open WebUI and LibreChat, and its own.</source>
        <translation>文件中没有 Weir 认识的对话。Weir 可读取 ChatGPT、Claude、Open WebUI 和 LibreChat 的导出文件，以及自己的归档。</translation>
    </message>
    <message>
        <source>There is another file of the same name.</source>
        <translation>已有同名文件。</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>没有这个文件。</translation>
    </message>
    <message>
        <source>There is nothing here that makes PDF files.</source>
        <translation>这里没有可生成 PDF 文件的组件。</translation>
    </message>
    <message>
        <source>There is nothing in it.</source>
        <translation>其中没有内容。</translation>
    </message>
    <message>
        <source>There was nothing that could be exported.</source>
        <translation>没有可导出的内容。</translation>
    </message>
    <message>
        <source>This can’t be written as pages.</source>
        <translation>无法排成页面。</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>此对话已不存在。</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>思考过程</translation>
    </message>
    <message>
        <source>Weir made a mistake with this file. The log has the details.</source>
        <translation>Weir 处理此文件时出错。详情见日志。</translation>
    </message>
    <message>
        <source>What {tool} said</source>
        <translation>{tool} 的输出</translation>
    </message>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>a tool</source>
        <translation>某个工具</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>{ending}: {failure}</source>
        <translation>{ending}：{failure}</translation>
    </message>
    <message>
        <source>{name} (too large to come along)</source>
        <translation>{name}（过大，未包含）</translation>
    </message>
    <message>
        <source>{why} Nothing came in.</source>
        <translation>{why}未导入任何内容。</translation>
    </message>
</context>
<context>
    <name>Arrivals</name>
    <message>
        <source>a new reply</source>
        <translation>有新回复</translation>
    </message>
    <message>
        <source>a reply is coming</source>
        <translation>正在回复</translation>
    </message>
    <message>
        <source>the reply failed</source>
        <translation>回复失败</translation>
    </message>
</context>
<context>
    <name>Attachment</name>
    <message>
        <source>it can't be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>“{name}” could not be read: {reason}.</source>
        <translation>“{name}”无法读取：{reason}。</translation>
    </message>
    <message>
        <source>“{name}” is a document that Weir can't read. Save it as PDF or as text first.</source>
        <translation>“{name}”是 Weir 无法读取的文档。请先另存为 PDF 或文本。</translation>
    </message>
    <message>
        <source>“{name}” is a folder. Attach the files in it.</source>
        <translation>“{name}”是文件夹。请添加其中的文件。</translation>
    </message>
    <message>
        <source>“{name}” is damaged: it can't be read as a PDF.</source>
        <translation>“{name}”已损坏：无法作为 PDF 读取。</translation>
    </message>
    <message>
        <source>“{name}” is empty.</source>
        <translation>“{name}”是空的。</translation>
    </message>
    <message>
        <source>“{name}” is locked with a password. Save a copy without one.</source>
        <translation>“{name}”设有密码。请另存一份无密码的副本。</translation>
    </message>
    <message>
        <source>“{name}” is neither text, a PDF nor an image that Weir can send.</source>
        <translation>“{name}”不是 Weir 可以发送的文本、PDF 或图片。</translation>
    </message>
    <message>
        <source>“{name}” is no ordinary file.</source>
        <translation>“{name}”不是普通文件。</translation>
    </message>
    <message numerus="yes">
        <source>“{name}” is too large to send ({size}). Files may have {most}, and texts %n letter(s).</source>
        <translation>
            <numerusform>“{name}”过大，无法发送（{size}）。文件最大 {most}，文本最多 %n 个字符。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message numerus="yes">
        <source>A prompt takes %n attachment(s) at most.</source>
        <translation>
            <numerusform>一条提示词最多可带 %n 个附件。</numerusform>
        </translation>
    </message>
    <message>
        <source>“{name}” could not be read.</source>
        <translation>“{name}”无法读取。</translation>
    </message>
</context>
<context>
    <name>BuiltIn</name>
    <message>
        <source>Answer an e-mail</source>
        <translation>回复邮件</translation>
    </message>
    <message>
        <source>Brief</source>
        <translation>简明扼要</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Explain simply</source>
        <translation>通俗解释</translation>
    </message>
    <message>
        <source>Programmer</source>
        <translation>程序员</translation>
    </message>
    <message>
        <source>Proofread</source>
        <translation>校对</translation>
    </message>
    <message>
        <source>Review code</source>
        <translation>审查代码</translation>
    </message>
    <message>
        <source>Summarise</source>
        <translation>总结</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>翻译</translation>
    </message>
    <message>
        <source>Tutor</source>
        <translation>导师</translation>
    </message>
</context>
<context>
    <name>BusNotices</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
</context>
<context>
    <name>CertificateField</name>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>证书 (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>证书文件</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Preview</source>
        <extracomment>What stands beside the name of a file, for those who do not see it</extracomment>
        <translation>预览</translation>
    </message>
    <message>
        <source>Put the pasted text into the prompt</source>
        <translation>将粘贴的文本放入提示词</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>移除 {name}</translation>
    </message>
    <message>
        <source>Show</source>
        <comment>in the prompt</comment>
        <extracomment>On a button: put the pasted text into the prompt</extracomment>
        <translation>展开</translation>
    </message>
    <message>
        <source>{name}, being read</source>
        <translation>{name}，正在读取</translation>
    </message>
    <message numerus="yes">
        <source>{size}, ≈ %n token(s)</source>
        <extracomment>An attachment, and about how many tokens it is</extracomment>
        <translation>
            <numerusform>{size}，≈ %n 个 token</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Chips</name>
    <message>
        <source>Attachments</source>
        <translation>附件</translation>
    </message>
</context>
<context>
    <name>CodeFile</name>
    <message>
        <source>Save code</source>
        <translation>保存代码</translation>
    </message>
    <message>
        <source>The file could not be written: {reason}.</source>
        <translation>文件无法写入：{reason}。</translation>
    </message>
</context>
<context>
    <name>Column</name>
    <message>
        <source>Continue with the reply of {model}</source>
        <translation>以 {model} 的回复继续</translation>
    </message>
    <message>
        <source>Continue with this reply</source>
        <translation>以此回复继续</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>回复的统计数据</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>回复</translation>
    </message>
    <message>
        <source>Reply of {model}</source>
        <translation>{model} 的回复</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop {model}</source>
        <translation>停止 {model}</translation>
    </message>
    <message>
        <source>{model} ({number})</source>
        <extracomment>A model that is there more than once, and which of them it is</extracomment>
        <translation>{model}（{number}）</translation>
    </message>
    <message>
        <source>{model}: reply ended</source>
        <translation>{model}：回复已终止</translation>
    </message>
    <message>
        <source>{model}: reply finished</source>
        <translation>{model}：回复已完成</translation>
    </message>
</context>
<context>
    <name>Companion</name>
    <message>
        <source>Answers this prompt alone</source>
        <translation>仅回答这条提示词</translation>
    </message>
    <message>
        <source>Enter takes it, Esc leaves the text</source>
        <translation>Enter 采用，Esc 保留原文</translation>
    </message>
    <message>
        <source>Manage…</source>
        <translation>管理…</translation>
    </message>
    <message>
        <source>Not filled in yet: {names}. Send once more to send it as it is.</source>
        <translation>尚未填写：{names}。再按一次发送，即按原样发送。</translation>
    </message>
    <message>
        <source>Tab leads to the next place to fill in</source>
        <translation>Tab 跳到下一处待填内容</translation>
    </message>
    <message>
        <source>“{name}”</source>
        <extracomment>A name in quotation marks</extracomment>
        <translation>“{name}”</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Back to the conversation</source>
        <translation>返回对话</translation>
    </message>
    <message>
        <source>Replies side by side</source>
        <translation>并排比较回复</translation>
    </message>
</context>
<context>
    <name>ComposeDoor</name>
    <message>
        <source>/ for your prompts, @ for another model this once</source>
        <translation>/ 调用提示词，@ 本次改用其他模型</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Ask anything</source>
        <translation>随便问点什么</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter breaks the line</source>
        <translation>Enter 发送，Shift+Enter 换行</translation>
    </message>
    <message>
        <source>Esc stops all replies</source>
        <translation>Esc 停止所有回复</translation>
    </message>
    <message>
        <source>Esc stops the reply</source>
        <translation>Esc 停止回复</translation>
    </message>
    <message>
        <source>Pasted image.png</source>
        <translation>粘贴的图片.png</translation>
    </message>
    <message>
        <source>Pasted text.txt</source>
        <translation>粘贴的文本.txt</translation>
    </message>
    <message>
        <source>Reading the attachments…</source>
        <translation>正在读取附件…</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>发送</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translation>全部停止</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>This waits here until the replies have ended.</source>
        <translation>所有回复结束后才会发送。</translation>
    </message>
    <message>
        <source>This waits here until the reply has ended.</source>
        <translation>回复结束后才会发送。</translation>
    </message>
    <message>
        <source>Your earlier prompt. What was said after it stays, as another branch.</source>
        <translation>你先前的提示词。其后的内容会保留为另一个分支。</translation>
    </message>
</context>
<context>
    <name>Context</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n 个 token</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n word(s) so far. Your prompt follows.</source>
        <translation>
            <numerusform>已写 %n 个词，随后发送你的提示词。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n token(s). How many the model can read at once is unknown.</source>
        <translation>
            <numerusform>约 %n 个 token。模型一次能读多少尚不清楚。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s).</source>
        <translation>
            <numerusform>约 {taken} / %n 个 token。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s): that leaves too little room for a reply.</source>
        <translation>
            <numerusform>约 {taken} / %n 个 token：留给回复的空间太少。</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask me</source>
        <translation>询问我</translation>
    </message>
    <message>
        <source>Change…</source>
        <extracomment>On a button: change what happens to long conversations</extracomment>
        <translation>更改…</translation>
    </message>
    <message>
        <source>Context window</source>
        <translation>上下文窗口</translation>
    </message>
    <message>
        <source>Context window, in tokens</source>
        <translation>上下文窗口（token 数）</translation>
    </message>
    <message numerus="yes">
        <source>It fits without the %n oldest message(s), up to “{last}”.</source>
        <translation>
            <numerusform>略去最早的 %n 条消息（到“{last}”为止）后即可放下。</numerusform>
        </translation>
    </message>
    <message>
        <source>Leave out the oldest</source>
        <translation>略去最早的消息</translation>
    </message>
    <message>
        <source>Leave them out</source>
        <translation>略去这些</translation>
    </message>
    <message>
        <source>Nothing is left to leave out. Shorten what you write.</source>
        <translation>已没有可略去的内容。请缩短要发送的内容。</translation>
    </message>
    <message>
        <source>Nothing is sent until it is shorter.</source>
        <translation>缩短之前不会发送任何内容。</translation>
    </message>
    <message>
        <source>Send everything</source>
        <translation>全部发送</translation>
    </message>
    <message>
        <source>Send nothing</source>
        <translation>不发送</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Summarise the oldest</source>
        <translation>总结最早的消息</translation>
    </message>
    <message>
        <source>Summarise them</source>
        <extracomment>On a button: summarise the oldest messages</extracomment>
        <translation>总结这些</translation>
    </message>
    <message>
        <source>The limit is from the list that comes with Weir.</source>
        <translation>此上限来自 Weir 附带的列表。</translation>
    </message>
    <message>
        <source>The limit is the one that the model is started with here.</source>
        <translation>此上限是模型在本机启动时设定的。</translation>
    </message>
    <message>
        <source>The limit is the service’s own.</source>
        <translation>此上限由服务给出。</translation>
    </message>
    <message>
        <source>The limit was set by hand.</source>
        <translation>此上限由手动设定。</translation>
    </message>
    <message numerus="yes">
        <source>The service refused this as too long: about %n token(s).</source>
        <translation>
            <numerusform>服务以过长为由拒绝了请求：约 %n 个 token。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This does not fit any more: about {taken} of %n token(s).</source>
        <translation>
            <numerusform>已放不下：约 {taken} / %n 个 token。</numerusform>
        </translation>
    </message>
    <message>
        <source>Until then it is as it was.</source>
        <translation>在此之前保持原值。</translation>
    </message>
    <message>
        <source>What the service says</source>
        <translation>以服务给出的为准</translation>
    </message>
    <message>
        <source>When it does not fit</source>
        <translation>放不下时</translation>
    </message>
    <message numerus="yes">
        <source>When you send, the %n oldest message(s), up to “{last}”, will no longer go with it.</source>
        <translation>
            <numerusform>发送时，最早的 %n 条消息（到“{last}”为止）将不再一并发送。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>When you send, the model first writes a summary of the %n oldest message(s), up to “{last}”: one more request.</source>
        <translation>
            <numerusform>发送时，模型会先总结最早的 %n 条消息（到“{last}”为止）：多一次请求。</numerusform>
        </translation>
    </message>
    <message>
        <source>Your prompt follows.</source>
        <translation>随后发送你的提示词。</translation>
    </message>
    <message numerus="yes">
        <source>{model} summarises %n message(s)…</source>
        <translation>
            <numerusform>{model} 正在总结 %n 条消息…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConversationPage</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n 个模型</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>随便问点什么</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Reply to {model}…</source>
        <translation>回复 {model}…</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>回复…</translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message>
        <source>A damaged history</source>
        <translation>历史记录损坏</translation>
    </message>
    <message>
        <source>All conversations, without keys. The Weir archive keeps everything and can be read again; the other forms show the branch that is on screen, one file for each conversation in a zip.</source>
        <translation>导出全部对话，不含密钥。Weir 归档保留所有内容，可重新读入；其他格式只含当前显示的分支，每个对话一个文件，打包为 zip。</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Bring conversations in</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>Bringing conversations back… {share}</source>
        <translation>正在恢复对话… {share}</translation>
    </message>
    <message>
        <source>Bringing conversations in… {share}</source>
        <translation>正在导入对话… {share}</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>全部导出…</translation>
    </message>
    <message>
        <source>Form of the export</source>
        <translation>导出格式</translation>
    </message>
    <message>
        <source>From the export of ChatGPT, Claude, Open WebUI or LibreChat, from a Weir archive, or from one of Weir’s backups. Branches, pictures and files come along where the export has them. What is here already is not changed, and bringing the same file in again adds nothing.</source>
        <translation>可从 ChatGPT、Claude、Open WebUI 或 LibreChat 的导出文件、Weir 归档或 Weir 的备份导入。如果导出文件中有分支、图片和文件，也会一并导入。已有的内容不会改变，重复导入同一文件也不会增加内容。</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>Saving conversations… {share}</source>
        <translation>正在保存对话… {share}</translation>
    </message>
    <message>
        <source>Take conversations out</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>The history was damaged. It is set aside whole as {name}. What the newest good backup has, and what can still be read of the damaged file, can be brought back.</source>
        <translation>历史记录已损坏，并已完整另存为 {name}。最新的完好备份，以及损坏文件中仍可读取的内容，都可以恢复。</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Choose a model first.</source>
        <translation>请先选择模型。</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>此对话已不存在。</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>端点仍在读取中。请稍后再发送。</translation>
    </message>
</context>
<context>
    <name>DesktopPage</name>
    <message>
        <source>Command for a quick question</source>
        <translation>快速提问的命令</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Desktop</source>
        <translation>桌面</translation>
    </message>
    <message>
        <source>For replies that took longer than five seconds and came, or failed, while another program was in front. The notification names the conversation and the model; a click opens it.</source>
        <translation>适用于耗时超过五秒、且在其他程序位于前台时到达或失败的回复。通知会注明对话和模型，点击即可打开。</translation>
    </message>
    <message>
        <source>Icon in the notification area</source>
        <translation>通知区域图标</translation>
    </message>
    <message>
        <source>It may then be read on a locked screen.</source>
        <translation>这样一来，锁屏上也可能看到这些内容。</translation>
    </message>
    <message>
        <source>Its menu leads to the window, a quick question and a new conversation, and ends Weir.</source>
        <translation>图标菜单可打开窗口、快速提问和新建对话，也可退出 Weir。</translation>
    </message>
    <message>
        <source>Keep Weir running when its window is closed</source>
        <translation>关闭窗口后让 Weir 继续运行</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Model for quick questions</source>
        <translation>快速提问的模型</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <translation>无</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Persona for quick questions</source>
        <translation>快速提问的角色</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>快速提问</translation>
    </message>
    <message>
        <source>Show an icon of Weir</source>
        <translation>显示 Weir 图标</translation>
    </message>
    <message>
        <source>Show the beginning of the reply in it</source>
        <translation>在通知中显示回复的开头</translation>
    </message>
    <message>
        <source>Tell me when a long reply is there</source>
        <translation>较长的回复到达时通知我</translation>
    </message>
    <message>
        <source>The one used last</source>
        <translation>上次使用的</translation>
    </message>
    <message>
        <source>There is no place for such icons at the moment.</source>
        <translation>目前没有可放置此类图标的位置。</translation>
    </message>
    <message>
        <source>This command opens a small window for one question. Give it a key in your desktop’s keyboard settings; Weir itself hears no keys while another program is in front.</source>
        <translation>此命令会打开一个只问一个问题的小窗口。可在桌面的键盘设置中为它指定快捷键；其他程序位于前台时，Weir 自身收不到按键。</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment, and closing the window ends Weir as usual.</source>
        <translation>此桌面目前不显示此类图标，关闭窗口会照常退出 Weir。</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment; some need an extension for them.</source>
        <translation>此桌面目前不显示此类图标；有些桌面需要为此安装扩展。</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Answer</source>
        <extracomment>A page of the stream’s window: the HTTP answer’s head</extracomment>
        <translation>响应</translation>
    </message>
    <message>
        <source>Findings</source>
        <extracomment>A page of the stream’s window: what is remarkable about the stream</extracomment>
        <translation>检查结果</translation>
    </message>
    <message>
        <source>Record</source>
        <extracomment>A page of the stream’s window: one record of the stream</extracomment>
        <translation>记录</translation>
    </message>
    <message>
        <source>Request</source>
        <extracomment>A page of the stream’s window: the HTTP request that was sent</extracomment>
        <translation>请求</translation>
    </message>
    <message>
        <source>The answer’s head</source>
        <translation>响应头</translation>
    </message>
    <message>
        <source>The request</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>{name} ({count})</source>
        <extracomment>A page, and how much there is on it</extracomment>
        <translation>{name}（{count}）</translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message numerus="yes">
        <source>%n model(s) answer side by side.</source>
        <translation>
            <numerusform>%n 个模型并排作答。</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a model above, then ask.</source>
        <translation>请在上方选择模型，然后提问。</translation>
    </message>
    <message>
        <source>The demo model answers here, offline. It is small, and often wrong.</source>
        <translation>此处由演示模型离线作答。它很小，经常出错。</translation>
    </message>
    <message>
        <source>What do you want to know?</source>
        <translation>想了解些什么？</translation>
    </message>
    <message>
        <source>{model} answers on this computer.</source>
        <translation>{model} 在这台电脑上作答。</translation>
    </message>
    <message>
        <source>{model} at {endpoint} answers.</source>
        <translation>{endpoint} 的 {model} 作答。</translation>
    </message>
</context>
<context>
    <name>Ending</name>
    <message>
        <source>The length limit was reached before there was any text</source>
        <translation>尚无文字便已达到长度上限</translation>
    </message>
    <message>
        <source>The model asked for a tool; Weir has none to offer</source>
        <translation>模型要求使用工具，而 Weir 没有可提供的工具</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>模型拒绝回答</translation>
    </message>
    <message>
        <source>The reply reached its length limit</source>
        <translation>回复已达到长度上限</translation>
    </message>
    <message>
        <source>The service ended the reply for a reason of its own</source>
        <translation>服务因自身原因终止了回复</translation>
    </message>
    <message>
        <source>The service paused the reply</source>
        <translation>服务暂停了回复</translation>
    </message>
    <message>
        <source>The service’s content filter ended the reply</source>
        <translation>服务的内容过滤器终止了回复</translation>
    </message>
</context>
<context>
    <name>EndpointEditor</name>
    <message>
        <source>A JSON object that goes with every request.</source>
        <translation>随每个请求一起发送的 JSON 对象。</translation>
    </message>
    <message>
        <source>A JSON object, sent as it is, with {{prompt}}, {{messages}}, {{system}}, {{model}} or {{conversation}} where they belong. Left empty, a form that most services take is sent.</source>
        <translation>原样发送的 JSON 对象，在相应位置写入 {{prompt}}、{{messages}}、{{system}}、{{model}} 或 {{conversation}}。留空则发送多数服务接受的格式。</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>请求体</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Extra body</source>
        <translation>附加请求体</translation>
    </message>
    <message>
        <source>Extra body, as JSON</source>
        <translation>附加请求体（JSON）</translation>
    </message>
    <message>
        <source>Goes into the keyring. Leave it empty where none is needed.</source>
        <translation>存入密钥环。不需要时请留空。</translation>
    </message>
    <message>
        <source>Goes into {keyring}. Leave it empty where none is needed.</source>
        <translation>存入 {keyring}。不需要时请留空。</translation>
    </message>
    <message>
        <source>Headers</source>
        <translation>请求头</translation>
    </message>
    <message>
        <source>Headers, one a line</source>
        <translation>请求头，每行一个</translation>
    </message>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>密钥</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Models, one a line</source>
        <translation>模型，每行一个</translation>
    </message>
    <message>
        <source>Most servers speak OpenAI Chat Completions.</source>
        <translation>多数服务器使用 OpenAI Chat Completions。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>New endpoint</source>
        <translation>新建端点</translation>
    </message>
    <message>
        <source>One a line, for services that do not list theirs.</source>
        <translation>每行一个，用于不提供模型列表的服务。</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>粘贴密钥</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>Remove</source>
        <extracomment>On a button: remove the key</extracomment>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove endpoint</source>
        <translation>移除端点</translation>
    </message>
    <message>
        <source>Replace</source>
        <extracomment>On a button: enter another key</extracomment>
        <translation>替换</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Sent with every request, and kept in a readable file. Write {key} where the key belongs, or {secret} as the whole value for a key of its own.</source>
        <translation>随每个请求发送，并保存在可读的文件中。在密钥的位置写 {key}；如需单独的密钥，则将整个值写为 {secret}。</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the endpoint works</extracomment>
        <translation>测试</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use: a key is kept in memory for this run only.</source>
        <translation>这台电脑没有 Weir 可用的密钥环：密钥只在本次运行期间保留在内存中。</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>此密钥含有密钥中不会出现的字符。</translation>
    </message>
</context>
<context>
    <name>EndpointList</name>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add an endpoint</extracomment>
        <translation>添加…</translation>
    </message>
    <message>
        <source>An endpoint is a service or a server that Weir can ask, with its address and its key.</source>
        <translation>端点是 Weir 可以提问的服务或服务器，包含其地址和密钥。</translation>
    </message>
    <message>
        <source>Another server or your own</source>
        <translation>其他服务器或自建服务器</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>编辑 {name}</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>端点</translation>
    </message>
    <message>
        <source>Service to add</source>
        <translation>要添加的服务</translation>
    </message>
    <message>
        <source>started by Weir, no address needed</source>
        <translation>由 Weir 启动，无需地址</translation>
    </message>
</context>
<context>
    <name>EndpointText</name>
    <message>
        <source>In a JSON pointer, write “~0” for “~” and “~1” for a “/” in a name.</source>
        <translation>在 JSON 指针中，“~”写作“~0”，名称里的“/”写作“~1”。</translation>
    </message>
    <message>
        <source>Leave name and password out of the address; the key has its own field.</source>
        <translation>地址中请勿包含用户名和密码；密钥有单独的输入框。</translation>
    </message>
    <message>
        <source>Leave out what follows “?” or “#” in the address.</source>
        <translation>请去掉地址中“?”或“#”及其后的内容。</translation>
    </message>
    <message>
        <source>Leave out “/chat/completions”: the address ends before it, usually in /v1.</source>
        <translation>请去掉“/chat/completions”：地址到它之前为止，通常以 /v1 结尾。</translation>
    </message>
    <message>
        <source>Line {number} of the headers has to look like “Name: value”.</source>
        <translation>请求头第 {number} 行应写成“名称: 值”的形式。</translation>
    </message>
    <message>
        <source>The address has to look like https://example.com/v1.</source>
        <translation>地址应形如 https://example.com/v1。</translation>
    </message>
    <message>
        <source>The extra body has to be a JSON object, in braces: { … }.</source>
        <translation>附加请求体必须是花括号中的 JSON 对象：{ … }。</translation>
    </message>
    <message>
        <source>The extra body is nested too deeply.</source>
        <translation>附加请求体嵌套层次过深。</translation>
    </message>
    <message>
        <source>The extra body is not JSON: line {line}, column {column}: {reason}.</source>
        <translation>附加请求体不是 JSON：第 {line} 行第 {column} 列，{reason}。</translation>
    </message>
    <message>
        <source>The value in line {number} of the headers may hold plain ASCII letters only.</source>
        <translation>请求头第 {number} 行的值只能包含纯 ASCII 字符。</translation>
    </message>
    <message>
        <source>Where the text is has to look like /data/text, or be empty.</source>
        <translation>“文本位置”应形如 /data/text，或者留空。</translation>
    </message>
    <message>
        <source>Without https, what you send and the key can be read on the way.</source>
        <translation>不使用 https 时，发送的内容和密钥可能在途中被读取。</translation>
    </message>
    <message>
        <source>a colon is missing</source>
        <translation>缺少冒号</translation>
    </message>
    <message>
        <source>a comma is missing</source>
        <translation>缺少逗号</translation>
    </message>
    <message>
        <source>a name in double quotes is missing, or a comma is too many</source>
        <translation>缺少双引号中的名称，或者多了一个逗号</translation>
    </message>
    <message>
        <source>a text holds a line break or a tab</source>
        <translation>文本中含有换行符或制表符</translation>
    </message>
    <message>
        <source>a text is not closed by a quote</source>
        <translation>文本缺少结尾的引号</translation>
    </message>
    <message>
        <source>a value is missing</source>
        <translation>缺少值</translation>
    </message>
    <message>
        <source>there is a comma too many</source>
        <translation>多了一个逗号</translation>
    </message>
    <message>
        <source>there is something after the end</source>
        <translation>结尾之后还有内容</translation>
    </message>
    <message>
        <source>“{name}” is set by Weir itself; leave it out.</source>
        <translation>“{name}”由 Weir 自行设置，请去掉。</translation>
    </message>
    <message>
        <source>“{name}” would put the key into a readable file. Write “{{key}}” in its place and use the key’s own field.</source>
        <translation>“{name}”会把密钥写入可读的文件。请在该处写“{{key}}”，并使用密钥自己的输入框。</translation>
    </message>
</context>
<context>
    <name>Endpoints</name>
    <message>
        <source>No key needed</source>
        <translation>无需密钥</translation>
    </message>
    <message>
        <source>No key yet</source>
        <translation>尚无密钥</translation>
    </message>
    <message>
        <source>the keyring</source>
        <translation>密钥环</translation>
    </message>
    <message>
        <source>{key}, for this run only</source>
        <translation>{key}，仅限本次运行</translation>
    </message>
    <message>
        <source>{key}, from {variable}, for this run</source>
        <translation>{key}，来自 {variable}，用于本次运行</translation>
    </message>
    <message>
        <source>{key}, in {keyring}</source>
        <translation>{key}，位于 {keyring}</translation>
    </message>
</context>
<context>
    <name>Failure</name>
    <message>
        <source>A file of this kind can't be sent to {model}. Remove it, or choose another model above.</source>
        <translation>无法向 {model} 发送此类文件。请将其移除，或在上方选择其他模型。</translation>
    </message>
    <message>
        <source>Images can't be sent to {model}. Remove them, or choose another model above.</source>
        <translation>无法向 {model} 发送图片。请将其移除，或在上方选择其他模型。</translation>
    </message>
    <message>
        <source>No answer from {host} in time. Check your connection, then try again.</source>
        <translation>{host} 未及时响应。请检查网络连接，然后重试。</translation>
    </message>
    <message>
        <source>No secure connection to {host}: its certificate was not accepted. If your company uses its own certificates, name their file under Settings, Network.</source>
        <translation>无法与 {host} 建立安全连接：其证书未被接受。如果公司使用自己的证书，请在“设置 › 网络”中指定证书文件。</translation>
    </message>
    <message>
        <source>Nothing answers chats at {address}. Check the endpoint's address; it usually ends in /v1.</source>
        <translation>{address} 不提供对话接口。请检查端点的地址，通常以 /v1 结尾。</translation>
    </message>
    <message>
        <source>Nothing is listening at {address}. Is the server running?</source>
        <translation>{address} 没有服务在监听。服务器是否在运行？</translation>
    </message>
    <message>
        <source>Only one image at a time can be sent to {model}. Remove the others, or choose another model above.</source>
        <translation>一次只能向 {model} 发送一张图片。请移除其余图片，或在上方选择其他模型。</translation>
    </message>
    <message>
        <source>The connection to {endpoint} ended before the reply did. What had arrived is kept.</source>
        <translation>与 {endpoint} 的连接在回复完成前中断。已收到的内容会保留。</translation>
    </message>
    <message>
        <source>The conversation could not be saved. The text stays on screen; make room on the disk or check the folder's permissions.</source>
        <translation>对话无法保存。文字仍留在屏幕上；请腾出磁盘空间，或检查文件夹权限。</translation>
    </message>
    <message>
        <source>The conversation is longer than {model} can read. Start a new one, or choose a model with a larger context.</source>
        <translation>对话长度超出 {model} 的读取能力。请新建对话，或选择上下文更大的模型。</translation>
    </message>
    <message>
        <source>The endpoint of this conversation is no longer set up. Choose a model above.</source>
        <translation>此对话的端点已不存在。请在上方选择模型。</translation>
    </message>
    <message>
        <source>The model on this computer could not be used.</source>
        <translation>这台电脑上的模型无法使用。</translation>
    </message>
    <message>
        <source>The name {host} was not found. Check the address and your connection.</source>
        <translation>找不到主机名 {host}。请检查地址和网络连接。</translation>
    </message>
    <message>
        <source>The proxy did not let the request to {host} through. Check it under Settings, Network.</source>
        <translation>代理未放行发往 {host} 的请求。请在“设置 › 网络”中检查代理。</translation>
    </message>
    <message>
        <source>The service</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>There is a web page at {address} instead of a reply. Check the endpoint's address, or sign in to the network first.</source>
        <translation>{address} 返回的是网页而非回复。请检查端点的地址，或先登录网络。</translation>
    </message>
    <message>
        <source>Weir made a mistake. What had arrived is kept; the log has the details.</source>
        <translation>Weir 出错了。已收到的内容会保留；详情见日志。</translation>
    </message>
    <message>
        <source>Your account at {endpoint} has no credit left. Add credit there, then try again.</source>
        <translation>你在 {endpoint} 的账户余额不足。请充值后重试。</translation>
    </message>
    <message>
        <source>the address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>the model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>{endpoint} asks you to slow down.</source>
        <translation>{endpoint} 要求放慢请求速度。</translation>
    </message>
    <message>
        <source>{endpoint} could not use the request.</source>
        <translation>{endpoint} 无法处理此请求。</translation>
    </message>
    <message>
        <source>{endpoint} did not accept the key. Replace it under Settings, Endpoints, then try again.</source>
        <translation>{endpoint} 不接受此密钥。请在“设置 › 端点”中替换密钥，然后重试。</translation>
    </message>
    <message>
        <source>{endpoint} does not allow this with your key. Check with the service what the key may be used for.</source>
        <translation>{endpoint} 不允许用此密钥执行该操作。请向服务方确认密钥的使用范围。</translation>
    </message>
    <message>
        <source>{endpoint} had a fault of its own. Try again in a moment.</source>
        <translation>{endpoint} 自身出现故障。请稍后重试。</translation>
    </message>
    <message>
        <source>{endpoint} has no model named “{model}”. Choose another model above.</source>
        <translation>{endpoint} 没有名为“{model}”的模型。请在上方选择其他模型。</translation>
    </message>
    <message>
        <source>{endpoint} is overloaded right now. Try again in a moment.</source>
        <translation>{endpoint} 目前过载。请稍后重试。</translation>
    </message>
    <message>
        <source>{endpoint} needs a key. Add one under Settings, Endpoints, then try again.</source>
        <translation>{endpoint} 需要密钥。请在“设置 › 端点”中添加，然后重试。</translation>
    </message>
    <message>
        <source>{endpoint} reported a problem.</source>
        <translation>{endpoint} 报告了问题。</translation>
    </message>
    <message>
        <source>{endpoint} sent an empty reply. Try again, or choose another model.</source>
        <translation>{endpoint} 返回了空回复。请重试，或选择其他模型。</translation>
    </message>
    <message>
        <source>{endpoint} sent something that is not part of a reply. What had arrived is kept.</source>
        <translation>{endpoint} 发来了不属于回复的内容。已收到的内容会保留。</translation>
    </message>
    <message>
        <source>{endpoint} went silent. What had arrived is kept.</source>
        <translation>{endpoint} 不再有响应。已收到的内容会保留。</translation>
    </message>
    <message>
        <source>“{address}” is not a web address. It has to look like https://example.com/v1.</source>
        <translation>“{address}”不是网址，应形如 https://example.com/v1。</translation>
    </message>
</context>
<context>
    <name>FilterMenu</name>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Has code</source>
        <translation>含代码</translation>
    </message>
    <message>
        <source>Last year</source>
        <translation>去年</translation>
    </message>
    <message>
        <source>Me</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>我</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>The last seven days</source>
        <translation>最近七天</translation>
    </message>
    <message>
        <source>The last thirty days</source>
        <translation>最近三十天</translation>
    </message>
    <message>
        <source>The model</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>模型</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>今年</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Written by</source>
        <translation>作者</translation>
    </message>
</context>
<context>
    <name>FindingCard</name>
    <message>
        <source>Show record {number}</source>
        <translation>显示记录 {number}</translation>
    </message>
    <message>
        <source>{title}. {advice}</source>
        <extracomment>What was found, and what can be done about it</extracomment>
        <translation>{title}。{advice}</translation>
    </message>
</context>
<context>
    <name>FindingsPage</name>
    <message>
        <source>Findings</source>
        <translation>检查结果</translation>
    </message>
    <message>
        <source>Nothing to say about it yet.</source>
        <translation>暂无检查结果。</translation>
    </message>
</context>
<context>
    <name>Finds</name>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>{title}. {excerpt}</source>
        <translation>{title}。{excerpt}</translation>
    </message>
</context>
<context>
    <name>FirstStart</name>
    <message>
        <source>A model server on this computer</source>
        <translation>这台电脑上的模型服务器</translation>
    </message>
    <message>
        <source>Another endpoint…</source>
        <translation>其他端点…</translation>
    </message>
    <message>
        <source>Another server or your own endpoint…</source>
        <translation>其他服务器或自建端点…</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>选择 GGUF 文件…</translation>
    </message>
    <message>
        <source>Demo model, offline</source>
        <translation>演示模型，离线</translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}</source>
        <translation>
            <numerusform>已找到，%n 个模型：{names}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}, …</source>
        <extracomment>The names are the first few of the models</extracomment>
        <translation>
            <numerusform>已找到，%n 个模型：{names}…</numerusform>
        </translation>
    </message>
    <message>
        <source>Found, but it has no model yet.</source>
        <translation>已找到，但还没有模型。</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>Looking for Ollama, LM Studio and llama.cpp…</source>
        <translation>正在查找 Ollama、LM Studio 和 llama.cpp…</translation>
    </message>
    <message>
        <source>None is running. Ollama, LM Studio and llama.cpp are found by themselves.</source>
        <translation>没有正在运行的服务器。Ollama、LM Studio 和 llama.cpp 会被自动发现。</translation>
    </message>
    <message>
        <source>Runs here at once, no key: try it, or just type. Small, and often wrong.</source>
        <translation>可立即在此运行，无需密钥：点击试用，或直接输入。模型很小，经常出错。</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>试用</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Where should answers come from?</source>
        <translation>由谁来作答？</translation>
    </message>
    <message>
        <source>You can change this at any time. Nothing leaves this computer until you send a message.</source>
        <translation>随时可以更改。发送消息之前，没有任何内容离开这台电脑。</translation>
    </message>
    <message>
        <source>{name} on this computer</source>
        <translation>这台电脑上的 {name}</translation>
    </message>
</context>
<context>
    <name>FolderPanel</name>
    <message>
        <source>All conversations</source>
        <translation>所有对话</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>归档</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>文件夹名称</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>新建文件夹…</translation>
    </message>
    <message>
        <source>Rename folder</source>
        <translation>重命名文件夹</translation>
    </message>
</context>
<context>
    <name>Following</name>
    <message>
        <source>Connecting</source>
        <translation>正在连接</translation>
    </message>
    <message>
        <source>Waiting for the first words</source>
        <translation>等待首批文字</translation>
    </message>
</context>
<context>
    <name>Formula</name>
    <message>
        <source>and so on</source>
        <translation>等等</translation>
    </message>
    <message>
        <source>bar</source>
        <translation>竖线</translation>
    </message>
    <message>
        <source>close parenthesis</source>
        <translation>右括号</translation>
    </message>
    <message>
        <source>divided by</source>
        <translation>除以</translation>
    </message>
    <message>
        <source>equals</source>
        <translation>等于</translation>
    </message>
    <message>
        <source>factorial</source>
        <translation>阶乘</translation>
    </message>
    <message>
        <source>for all</source>
        <translation>对任意</translation>
    </message>
    <message>
        <source>fraction {said} end of fraction</source>
        <translation>分式 {said} 分式结束</translation>
    </message>
    <message>
        <source>goes to</source>
        <translation>趋于</translation>
    </message>
    <message>
        <source>implies</source>
        <translation>推出</translation>
    </message>
    <message>
        <source>in</source>
        <translation>属于</translation>
    </message>
    <message>
        <source>infinity</source>
        <translation>无穷大</translation>
    </message>
    <message>
        <source>integral</source>
        <translation>积分</translation>
    </message>
    <message>
        <source>is about</source>
        <translation>约等于</translation>
    </message>
    <message>
        <source>is at least</source>
        <translation>大于或等于</translation>
    </message>
    <message>
        <source>is at most</source>
        <translation>小于或等于</translation>
    </message>
    <message>
        <source>is greater than</source>
        <translation>大于</translation>
    </message>
    <message>
        <source>is less than</source>
        <translation>小于</translation>
    </message>
    <message>
        <source>is not equal to</source>
        <translation>不等于</translation>
    </message>
    <message>
        <source>minus</source>
        <translation>减</translation>
    </message>
    <message>
        <source>nabla</source>
        <translation>nabla</translation>
    </message>
    <message>
        <source>open parenthesis</source>
        <translation>左括号</translation>
    </message>
    <message>
        <source>partial</source>
        <translation>偏</translation>
    </message>
    <message>
        <source>plus</source>
        <translation>加</translation>
    </message>
    <message>
        <source>plus or minus</source>
        <translation>正负</translation>
    </message>
    <message>
        <source>prime</source>
        <translation>撇</translation>
    </message>
    <message>
        <source>product</source>
        <translation>连乘</translation>
    </message>
    <message>
        <source>root of order {index} of {inner}</source>
        <translation>{inner} 的 {index} 次方根</translation>
    </message>
    <message>
        <source>square root of {inner}</source>
        <translation>{inner} 的平方根</translation>
    </message>
    <message>
        <source>sum</source>
        <translation>求和</translation>
    </message>
    <message numerus="yes">
        <source>table with %n row(s)</source>
        <translation>
            <numerusform>%n 行的表格</numerusform>
        </translation>
    </message>
    <message>
        <source>there is</source>
        <translation>存在</translation>
    </message>
    <message>
        <source>times</source>
        <translation>乘以</translation>
    </message>
    <message>
        <source>{base} cubed</source>
        <translation>{base} 的立方</translation>
    </message>
    <message>
        <source>{base} from {low} to {high} of</source>
        <translation>从 {low} 到 {high} 的 {base}</translation>
    </message>
    <message>
        <source>{base} squared</source>
        <translation>{base} 的平方</translation>
    </message>
    <message>
        <source>{base} sub {index}</source>
        <translation>{base} 下标 {index}</translation>
    </message>
    <message>
        <source>{base} sub {index} to the power of {power}</source>
        <translation>{base} 下标 {index} 的 {power} 次方</translation>
    </message>
    <message>
        <source>{base} to the power of {power}</source>
        <translation>{base} 的 {power} 次方</translation>
    </message>
    <message>
        <source>{base} under {low}</source>
        <translation>{base} 下方为 {low}</translation>
    </message>
    <message>
        <source>{base} with {high} above</source>
        <translation>{base} 上方为 {high}</translation>
    </message>
    <message>
        <source>{said} end of root</source>
        <translation>{said} 根号结束</translation>
    </message>
    <message>
        <source>{top} over {bottom}</source>
        <translation>{bottom} 分之 {top}</translation>
    </message>
</context>
<context>
    <name>FoundHead</name>
    <message>
        <source>Filter</source>
        <extracomment>Name of a button that narrows a search</extracomment>
        <translation>筛选</translation>
    </message>
</context>
<context>
    <name>GapPlot</name>
    <message>
        <source>Gaps between records over time</source>
        <translation>记录间隔随时间的变化</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>尚无内容</translation>
    </message>
    <message>
        <source>The longest is {gap}, before record {number}</source>
        <translation>最长的是 {gap}，在记录 {number} 之前</translation>
    </message>
    <message>
        <source>gap before each record, over time</source>
        <translation>各记录之前的间隔随时间的变化</translation>
    </message>
    <message>
        <source>{gap} before record {number}</source>
        <translation>记录 {number} 之前 {gap}</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Compare models</source>
        <translation>比较模型</translation>
    </message>
    <message>
        <source>More</source>
        <extracomment>On a button: more actions</extracomment>
        <translation>更多</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Show the shelf</source>
        <translation>显示对话列表</translation>
    </message>
</context>
<context>
    <name>HeaderKeys</name>
    <message>
        <source>Key for {header}</source>
        <translation>{header} 的密钥</translation>
    </message>
    <message>
        <source>Leave it empty to keep the key</source>
        <translation>留空则保留现有密钥</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>粘贴密钥</translation>
    </message>
</context>
<context>
    <name>HitDelegate</name>
    <message>
        <source>You: {text}</source>
        <translation>你：{text}</translation>
    </message>
</context>
<context>
    <name>HitView</name>
    <message>
        <source>Found</source>
        <extracomment>Name of the list of what a search found</extracomment>
        <translation>搜索结果</translation>
    </message>
</context>
<context>
    <name>Inspection</name>
    <message numerus="yes">
        <source>%n end mark(s)</source>
        <translation>
            <numerusform>%n 个结束标记</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n keep-alive comment(s)</source>
        <translation>
            <numerusform>%n 条保活注释</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s), the first {numbers}</source>
        <translation>
            <numerusform>%n 条记录，前几条为 {numbers}</numerusform>
        </translation>
    </message>
    <message>
        <source>A NUL is no text: look for a buffer that is sent whole, or for UTF-16.</source>
        <translation>文本中不应有 NUL：请检查是否把整个缓冲区发了出去，或者使用了 UTF-16。</translation>
    </message>
    <message>
        <source>A blank line.</source>
        <translation>空行。</translation>
    </message>
    <message>
        <source>A byte order mark at the beginning</source>
        <translation>开头有字节顺序标记</translation>
    </message>
    <message>
        <source>A byte order mark in {records}</source>
        <translation>{records} 中有字节顺序标记</translation>
    </message>
    <message>
        <source>A comment: it keeps the connection open and says nothing.</source>
        <translation>注释：只用来保持连接，不含内容。</translation>
    </message>
    <message>
        <source>A length is known only when everything is: the reply was collected before it was sent.</source>
        <translation>只有全部生成后才知道长度：回复是收集完才发送的。</translation>
    </message>
    <message>
        <source>A long prompt, a model being loaded or a queue; or the beginning was held back by a buffer.</source>
        <translation>提示词较长、模型正在加载或正在排队；也可能是开头被缓冲区扣住了。</translation>
    </message>
    <message>
        <source>A replay of “{name}”, as fast as it can be read.</source>
        <translation>以最快的读取速度重放“{name}”。</translation>
    </message>
    <message>
        <source>A replay of “{name}”, at the pace of the recording.</source>
        <translation>按录制时的节奏重放“{name}”。</translation>
    </message>
    <message>
        <source>A reply ends once. Clients may stop at the first and miss what follows.</source>
        <translation>回复只结束一次。客户端可能在第一个结束标记处停下，漏掉后面的内容。</translation>
    </message>
    <message>
        <source>A silence of {time} before record {number}</source>
        <translation>记录 {number} 之前静默了 {time}</translation>
    </message>
    <message>
        <source>After the end came {records}</source>
        <translation>结束之后还有{records}</translation>
    </message>
    <message>
        <source>All are allowed, but a mix is often a sign of parts written by different hands.</source>
        <translation>这些都是允许的，但混用往往说明各部分出自不同的程序。</translation>
    </message>
    <message>
        <source>An empty answer</source>
        <translation>响应为空</translation>
    </message>
    <message>
        <source>An error inside a {status} answer</source>
        <translation>{status} 响应中含有错误</translation>
    </message>
    <message>
        <source>An error: {words}</source>
        <translation>错误：{words}</translation>
    </message>
    <message>
        <source>An event stream that is labelled {kind}</source>
        <translation>事件流被标为 {kind}</translation>
    </message>
    <message>
        <source>An id that was there before: {records}</source>
        <translation>重复出现的 id：{records}</translation>
    </message>
    <message>
        <source>An “id:” is for one event: clients that resume would go on at the wrong place.</source>
        <translation>一个“id:”只对应一个事件：续传的客户端会从错误的位置继续。</translation>
    </message>
    <message>
        <source>Before nginx send “X-Accel-Buffering: no”; flush after each event in your own server.</source>
        <translation>如果前面有 nginx，请发送“X-Accel-Buffering: no”；自己的服务器请在每个事件后立即刷新输出。</translation>
    </message>
    <message numerus="yes">
        <source>Buffered: {records} records came in %n burst(s)</source>
        <translation>
            <numerusform>经过缓冲：{records} 条记录分 %n 批到达</numerusform>
        </translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a blank line as well.</source>
        <translation>按标准，它会被丢弃。最后一条记录也应以空行结尾。</translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a line end as well.</source>
        <translation>按标准，它会被丢弃。最后一条记录也应以换行符结尾。</translation>
    </message>
    <message>
        <source>Bytes that are no UTF-8: {records}</source>
        <translation>不是 UTF-8 的字节：{records}</translation>
    </message>
    <message>
        <source>Clients stop reading at the end mark. Send it last.</source>
        <translation>客户端读到结束标记便停止。请最后再发送它。</translation>
    </message>
    <message>
        <source>Compressors hold back what is small. Send event streams as they are; proxies need telling, too.</source>
        <translation>压缩程序会扣住较小的数据。事件流应原样发送；代理也需相应设置。</translation>
    </message>
    <message>
        <source>Cut in the middle of a record</source>
        <translation>在记录中间被截断</translation>
    </message>
    <message>
        <source>Cut off before it was whole.</source>
        <translation>尚不完整便被截断。</translation>
    </message>
    <message>
        <source>Data that is not JSON: {records}</source>
        <translation>不是 JSON 的数据：{records}</translation>
    </message>
    <message>
        <source>Event streams are UTF-8 whatever the header says.</source>
        <translation>无论响应头怎么写，事件流都是 UTF-8。</translation>
    </message>
    <message>
        <source>Events that the protocol does not know: {names}</source>
        <translation>协议中没有的事件：{names}</translation>
    </message>
    <message>
        <source>If the model was not thinking there, look for a server or a proxy that stalls. Comments (lines that begin with “:”) every 15 s keep proxies from hanging up.</source>
        <translation>如果模型当时不是在思考，请检查是否有服务器或代理停滞。每 15 秒发送一条注释（以“:”开头的行）可避免代理断开连接。</translation>
    </message>
    <message>
        <source>It came by way of {via}.</source>
        <translation>它经由 {via} 到达。</translation>
    </message>
    <message>
        <source>It does not say where to.</source>
        <translation>它没有说明转到哪里。</translation>
    </message>
    <message>
        <source>It ends before its last bracket: the server, or something on the way, stopped there.</source>
        <translation>在最后一个括号之前就结束了：服务器或途中的某个环节在此处停止。</translation>
    </message>
    <message>
        <source>It knows no chunks, so that an end can’t be told from a cut. In nginx set “proxy_http_version 1.1”.</source>
        <translation>它不支持分块，因此无法分辨正常结束与截断。在 nginx 中请设置“proxy_http_version 1.1”。</translation>
    </message>
    <message>
        <source>It says “X-Accel-Buffering: yes”: send “no”.</source>
        <translation>它声明了“X-Accel-Buffering: yes”：请改为“no”。</translation>
    </message>
    <message>
        <source>Its length was known beforehand, so that it was whole before it was sent.</source>
        <translation>长度事先已知，说明发送之前已经全部生成。</translation>
    </message>
    <message>
        <source>Its type is {kind}. Perhaps the address is wrong, or a proxy answered with a page.</source>
        <translation>其类型为 {kind}。可能是地址有误，或者代理返回了网页。</translation>
    </message>
    <message>
        <source>JSON that is labelled as an event stream</source>
        <translation>JSON 被标为事件流</translation>
    </message>
    <message>
        <source>Line ends are mixed: {kinds}</source>
        <translation>行尾不统一：{kinds}</translation>
    </message>
    <message>
        <source>Lines of JSON that are labelled {kind}</source>
        <translation>JSON 行被标为 {kind}</translation>
    </message>
    <message>
        <source>NUL bytes in {records}</source>
        <translation>{records} 中有 NUL 字节</translation>
    </message>
    <message>
        <source>No [DONE] at the end</source>
        <translation>末尾没有 [DONE]</translation>
    </message>
    <message>
        <source>No data in it.</source>
        <translation>其中没有数据。</translation>
    </message>
    <message>
        <source>No end mark came, so that the stream can’t be told from a cut one.</source>
        <translation>没有收到结束标记，因此无法分辨流是完整的还是被截断的。</translation>
    </message>
    <message>
        <source>No usage was sent</source>
        <translation>未发送用量</translation>
    </message>
    <message>
        <source>Not everything is shown</source>
        <translation>并未全部显示</translation>
    </message>
    <message>
        <source>Not kept: {size}. Recordings have room for {room} together.</source>
        <translation>未保留：{size}。录制内容总共最多 {room}。</translation>
    </message>
    <message>
        <source>Not read to its end</source>
        <translation>未读到末尾</translation>
    </message>
    <message>
        <source>Not read: the reply had ended.</source>
        <translation>未读取：回复已经结束。</translation>
    </message>
    <message>
        <source>Not read: the reply had failed.</source>
        <translation>未读取：回复已经失败。</translation>
    </message>
    <message>
        <source>Nothing that is whole yet.</source>
        <translation>尚无完整内容。</translation>
    </message>
    <message>
        <source>Nothing wrong with this stream</source>
        <translation>此流没有问题</translation>
    </message>
    <message>
        <source>One is enough; nothing is read after the first.</source>
        <translation>一个就够了；第一个之后的内容不会被读取。</translation>
    </message>
    <message>
        <source>Only the end of the connection ends it, which a break can’t be told from. Send “Transfer-Encoding: chunked”.</source>
        <translation>它只以断开连接表示结束，无法与连接中断区分。请发送“Transfer-Encoding: chunked”。</translation>
    </message>
    <message>
        <source>Only the very first bytes may be one. Perhaps files or buffers were put one after the other.</source>
        <translation>只有最开头的字节可以是它。可能是多个文件或缓冲区首尾相接。</translation>
    </message>
    <message>
        <source>Records, order, end and transport are as they should be.</source>
        <translation>记录、顺序、结尾和传输均符合要求。</translation>
    </message>
    <message>
        <source>Replay of {name}</source>
        <translation>重放 {name}</translation>
    </message>
    <message>
        <source>Send each event’s JSON on data lines of its own and end it with a blank line. JSON that goes over several lines needs “data: ” before each of them.</source>
        <translation>请将每个事件的 JSON 放在单独的 data 行中，并以空行结束。跨多行的 JSON 每行前都要写“data: ”。</translation>
    </message>
    <message>
        <source>Send events, or “Content-Type: application/json”.</source>
        <translation>请发送事件，或发送“Content-Type: application/json”。</translation>
    </message>
    <message>
        <source>Send “Content-Type: application/x-ndjson”.</source>
        <translation>请发送“Content-Type: application/x-ndjson”。</translation>
    </message>
    <message>
        <source>Send “Content-Type: text/event-stream”: many clients refuse anything else.</source>
        <translation>请发送“Content-Type: text/event-stream”：许多客户端不接受其他类型。</translation>
    </message>
    <message>
        <source>Several events without a blank line between: {records}</source>
        <translation>多个事件之间没有空行：{records}</translation>
    </message>
    <message>
        <source>Something between the model and Weir collects the stream.</source>
        <translation>模型与 Weir 之间有环节在积攒流数据。</translation>
    </message>
    <message>
        <source>The answer came by HTTP/1.0</source>
        <translation>响应以 HTTP/1.0 发送</translation>
    </message>
    <message>
        <source>The answer is compressed ({encoding}), and compressors wait for more: switch that off.</source>
        <translation>响应经过压缩（{encoding}），而压缩程序会等待更多数据：请将其关闭。</translation>
    </message>
    <message>
        <source>The answer is no reply</source>
        <translation>响应不是回复</translation>
    </message>
    <message>
        <source>The answer is not sent in HTTP chunks</source>
        <translation>响应未以 HTTP 分块发送</translation>
    </message>
    <message>
        <source>The body ({size}) was too large to be kept.</source>
        <translation>正文（{size}）过大，未保留。</translation>
    </message>
    <message>
        <source>The body says more; see the records and the answer’s headers.</source>
        <translation>正文中有更多说明；请查看各条记录和响应头。</translation>
    </message>
    <message>
        <source>The connection broke before the answer ended</source>
        <translation>响应结束前连接已中断</translation>
    </message>
    <message>
        <source>The document is not whole</source>
        <translation>文档不完整</translation>
    </message>
    <message>
        <source>The end mark is missing</source>
        <translation>缺少结束标记</translation>
    </message>
    <message>
        <source>The end mark.</source>
        <translation>结束标记。</translation>
    </message>
    <message>
        <source>The event “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>没有收到事件“{name}”，因此无法分辨流是完整的还是被截断的。</translation>
    </message>
    <message>
        <source>The field “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>没有收到字段“{name}”，因此无法分辨流是完整的还是被截断的。</translation>
    </message>
    <message>
        <source>The file was changed since it was recorded: the times no longer belong to the same bytes.</source>
        <translation>文件在录制之后被改动：时间与字节不再对应。</translation>
    </message>
    <message>
        <source>The first record came after {time}</source>
        <translation>首条记录在 {time} 后到达</translation>
    </message>
    <message>
        <source>The head of an answer came, and nothing after it.</source>
        <translation>只收到了响应头，其后没有内容。</translation>
    </message>
    <message>
        <source>The last record has no blank line</source>
        <translation>最后一条记录没有空行</translation>
    </message>
    <message>
        <source>The last record has no line end</source>
        <translation>最后一条记录没有换行符</translation>
    </message>
    <message>
        <source>The model said that it had ended, but “data: [DONE]” did not follow. Some clients wait for it.</source>
        <translation>模型表示已结束，但其后没有“data: [DONE]”。有些客户端会等待它。</translation>
    </message>
    <message>
        <source>The protocol is not known.</source>
        <translation>协议未知。</translation>
    </message>
    <message>
        <source>The protocol of {name} can’t be told from its records. Name it with --protocol, one of: {known}.</source>
        <translation>无法从 {name} 的记录中判断协议。请用 --protocol 指定，可选：{known}。</translation>
    </message>
    <message>
        <source>The reply came as one document</source>
        <translation>回复是一次性到达的整份文档</translation>
    </message>
    <message numerus="yes">
        <source>The reply ended %n time(s)</source>
        <translation>
            <numerusform>回复结束了 %n 次</numerusform>
        </translation>
    </message>
    <message>
        <source>The reply failed</source>
        <translation>回复失败</translation>
    </message>
    <message>
        <source>The server asks to wait (Retry-After: {after}).</source>
        <translation>服务器要求等待（Retry-After: {after}）。</translation>
    </message>
    <message>
        <source>The server closed the connection, or it could not be reached.</source>
        <translation>服务器关闭了连接，或者无法连接。</translation>
    </message>
    <message>
        <source>The server did not stream. If it should, see whether the request says so and the server looks.</source>
        <translation>服务器没有使用流式传输。如果应当使用，请检查请求中是否写明，以及服务器是否识别。</translation>
    </message>
    <message>
        <source>The server or a proxy hung up: look for a crash, a time limit, or a limit on the answer’s size.</source>
        <translation>服务器或代理断开了连接：请检查是否崩溃、超时，或响应大小受限。</translation>
    </message>
    <message>
        <source>The server refused: {name}</source>
        <translation>服务器拒绝了请求：{name}</translation>
    </message>
    <message>
        <source>The server sends on ({name})</source>
        <translation>服务器要求转到别处（{name}）</translation>
    </message>
    <message>
        <source>The server, or something on the way, ended the answer before the record was whole.</source>
        <translation>记录完整之前，服务器或途中的某个环节就结束了响应。</translation>
    </message>
    <message>
        <source>The stream has a length ({length} bytes)</source>
        <translation>流带有长度（{length} 字节）</translation>
    </message>
    <message>
        <source>The stream is compressed ({encoding})</source>
        <translation>流经过压缩（{encoding}）</translation>
    </message>
    <message>
        <source>The type names another charset: {kind}</source>
        <translation>类型指定了其他字符集：{kind}</translation>
    </message>
    <message>
        <source>There is no file {file}.</source>
        <translation>没有文件 {file}。</translation>
    </message>
    <message>
        <source>There was neither a “finish_reason” nor “data: [DONE]”, so that the stream can’t be told from a cut one.</source>
        <translation>既没有“finish_reason”，也没有“data: [DONE]”，因此无法分辨流是完整的还是被截断的。</translation>
    </message>
    <message>
        <source>There was no answer</source>
        <translation>没有收到响应</translation>
    </message>
    <message>
        <source>They became “�”. Event streams are UTF-8 by their standard; don’t cut characters in two when text is taken apart as bytes.</source>
        <translation>它们变成了“�”。按标准，事件流是 UTF-8；按字节拆分文本时，请勿把一个字符切成两半。</translation>
    </message>
    <message>
        <source>They keep the connection open and say nothing. That is as it should be.</source>
        <translation>它们只用来保持连接，不含内容。这是正常的。</translation>
    </message>
    <message>
        <source>This conversation is kept nowhere, and nobody is asked.</source>
        <translation>此对话不会保存，也不会向任何服务发送请求。</translation>
    </message>
    <message>
        <source>This header asks nginx to collect the stream. Send “no”.</source>
        <translation>此标头要求 nginx 积攒流数据。请发送“no”。</translation>
    </message>
    <message>
        <source>This is not JSON: the reply ended here.</source>
        <translation>这不是 JSON：回复在此处终止。</translation>
    </message>
    <message>
        <source>To {target}.</source>
        <translation>转到 {target}。</translation>
    </message>
    <message>
        <source>Tokens can’t be counted without it.</source>
        <translation>没有用量就无法统计 token。</translation>
    </message>
    <message>
        <source>Weir asks for it by {option}; the server may not know it.</source>
        <translation>Weir 通过 {option} 请求用量；服务器可能不认识它。</translation>
    </message>
    <message>
        <source>Weir closed the connection: the reply was stopped, or it failed.</source>
        <translation>Weir 关闭了连接：回复已被停止，或者已失败。</translation>
    </message>
    <message>
        <source>Weir passes over it; some clients take it for a part of the first field’s name.</source>
        <translation>Weir 会忽略它；有些客户端会把它当作第一个字段名的一部分。</translation>
    </message>
    <message>
        <source>Weir passes over them. If they should say something, compare their names with the protocol’s.</source>
        <translation>Weir 会忽略它们。如果它们应有含义，请将其名称与协议对照。</translation>
    </message>
    <message>
        <source>Weir takes them apart, other clients may not. End each event with a blank line.</source>
        <translation>Weir 会把它们分开，其他客户端未必如此。请以空行结束每个事件。</translation>
    </message>
    <message>
        <source>a line of its head is “{line}”.</source>
        <translation>其头部有一行为“{line}”。</translation>
    </message>
    <message>
        <source>end</source>
        <translation>结束</translation>
    </message>
    <message>
        <source>it holds no text.</source>
        <translation>其中没有文本。</translation>
    </message>
    <message>
        <source>it was written by a newer Weir. Update this one to play it.</source>
        <translation>它由较新版本的 Weir 写入。请更新后再重放。</translation>
    </message>
    <message>
        <source>nginx stands between: send “X-Accel-Buffering: no”, or set “proxy_buffering off”.</source>
        <translation>中间有 nginx：请发送“X-Accel-Buffering: no”，或设置“proxy_buffering off”。</translation>
    </message>
    <message>
        <source>no counts</source>
        <translation>无计数</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>占位内容</translation>
    </message>
    <message>
        <source>progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>reasoning</source>
        <translation>推理</translation>
    </message>
    <message>
        <source>record {number}</source>
        <translation>记录 {number}</translation>
    </message>
    <message>
        <source>records {numbers}</source>
        <translation>记录 {numbers}</translation>
    </message>
    <message>
        <source>refusal</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>the line “:weir body” is missing.</source>
        <translation>缺少“:weir body”这一行。</translation>
    </message>
    <message>
        <source>there is a head of HTTP in it, and no body.</source>
        <translation>其中有 HTTP 头，但没有正文。</translation>
    </message>
    <message>
        <source>tool call</source>
        <translation>工具调用</translation>
    </message>
    <message>
        <source>usage</source>
        <translation>用量</translation>
    </message>
    <message>
        <source>what follows “:weir {name}” is no JSON object.</source>
        <translation>“:weir {name}”之后的内容不是 JSON 对象。</translation>
    </message>
    <message>
        <source>{count} cached</source>
        <translation>缓存 {count}</translation>
    </message>
    <message>
        <source>{count} in</source>
        <translation>输入 {count}</translation>
    </message>
    <message>
        <source>{count} out</source>
        <translation>输出 {count}</translation>
    </message>
    <message>
        <source>{count} reasoning</source>
        <translation>推理 {count}</translation>
    </message>
    <message>
        <source>{count} total</source>
        <translation>共 {count}</translation>
    </message>
    <message>
        <source>{file} can’t be read ({reason}).</source>
        <translation>{file} 无法读取（{reason}）。</translation>
    </message>
    <message>
        <source>{file} could not be written ({reason}). Choose another place.</source>
        <translation>{file} 无法写入（{reason}）。请选择其他位置。</translation>
    </message>
    <message>
        <source>{file} is a folder. Name a recorded stream in it.</source>
        <translation>{file} 是文件夹。请指定其中录制的流。</translation>
    </message>
    <message>
        <source>{file} is empty. Record a stream with “curl -N”, or save one in the inspector.</source>
        <translation>{file} 是空的。请用“curl -N”录制一个流，或在检查器中保存一个。</translation>
    </message>
    <message>
        <source>{file} is larger than {size} MB, too large for a recorded stream.</source>
        <translation>{file} 大于 {size} MB，作为录制的流过大。</translation>
    </message>
    <message>
        <source>{file} is not a whole recording: {error}</source>
        <translation>{file} 不是完整的录制文件：{error}</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
    <message>
        <source>“{name}” is not a protocol that Weir knows. There are: {known}.</source>
        <translation>“{name}”不是 Weir 认识的协议。可用的有：{known}。</translation>
    </message>
    <message>
        <source>“{name}” is not an event of this protocol; it is passed over.</source>
        <translation>“{name}”不是此协议的事件，已忽略。</translation>
    </message>
    <message>
        <source>“{pair}” is no time and size.</source>
        <translation>“{pair}”不是时间和大小。</translation>
    </message>
    <message>
        <source>“{words}”. The status was {status}, because the stream had begun. Clients that look at the status alone take this for a success.</source>
        <translation>“{words}”。由于流已经开始，状态为 {status}。只看状态的客户端会以为成功了。</translation>
    </message>
    <message>
        <source>“{word}” stands for no byte.</source>
        <translation>“{word}”不对应任何字节。</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message numerus="yes">
        <source>… %n more byte(s)</source>
        <translation>
            <numerusform>… 还有 %n 个字节</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InspectorDoor</name>
    <message>
        <source>Inspect the stream</source>
        <translation>检查流</translation>
    </message>
    <message>
        <source>raw, records, SSE, curl, debug, request, headers</source>
        <translation>原始数据 记录 SSE curl 调试 请求 标头</translation>
    </message>
</context>
<context>
    <name>InspectorWindow</name>
    <message numerus="yes">
        <source>%n record(s)</source>
        <translation>
            <numerusform>%n 条记录</numerusform>
        </translation>
    </message>
    <message>
        <source>(The body was too large to be kept.)</source>
        <translation>（正文过大，未保留。）</translation>
    </message>
    <message>
        <source>A file that “weir replay” plays</source>
        <translation>“weir replay”可重放的文件</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Attempt</source>
        <extracomment>Which of several requests for one reply</extracomment>
        <translation>尝试</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Copy as curl</source>
        <translation>复制为 curl</translation>
    </message>
    <message>
        <source>Copy the body</source>
        <translation>复制正文</translation>
    </message>
    <message>
        <source>More may come.</source>
        <translation>可能还有后续内容。</translation>
    </message>
    <message>
        <source>Nothing is recorded of this reply.</source>
        <translation>此回复没有录制内容。</translation>
    </message>
    <message>
        <source>Of the older replies some were dropped: there is room for {size}.</source>
        <translation>部分较早的回复已被丢弃：最多保留 {size}。</translation>
    </message>
    <message>
        <source>Recorded streams (*.sse)</source>
        <translation>录制的流 (*.sse)</translation>
    </message>
    <message>
        <source>Records and details</source>
        <translation>记录和详情</translation>
    </message>
    <message>
        <source>Save the stream</source>
        <translation>保存流</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>已保存</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Stream inspector</source>
        <translation>流检查器</translation>
    </message>
    <message>
        <source>Stream of a reply</source>
        <translation>回复的流</translation>
    </message>
    <message>
        <source>The JSON that was sent</source>
        <translation>已发送的 JSON</translation>
    </message>
    <message>
        <source>The answer ended as HTTP has it.</source>
        <translation>响应按 HTTP 规定正常结束。</translation>
    </message>
    <message>
        <source>The connection broke.</source>
        <translation>连接中断。</translation>
    </message>
    <message>
        <source>The head came after {time}.</source>
        <translation>响应头在 {time} 后到达。</translation>
    </message>
    <message>
        <source>The request as a command, with a variable in place of the key</source>
        <translation>将请求复制为命令，其中密钥以变量代替</translation>
    </message>
    <message>
        <source>There is no answer yet.</source>
        <translation>尚无响应。</translation>
    </message>
    <message>
        <source>There is no reply here yet. Send a prompt, and its stream is shown while it comes.</source>
        <translation>这里还没有回复。发送一条提示词，即可看到实时的流。</translation>
    </message>
    <message>
        <source>Weir closed the connection.</source>
        <translation>Weir 关闭了连接。</translation>
    </message>
    <message>
        <source>What crosses the wire is kept for this run of Weir alone, and never written to a file unless you save it.</source>
        <translation>线路上的传输内容只在 Weir 本次运行期间保留，除非主动保存，否则不会写入文件。</translation>
    </message>
    <message>
        <source>live</source>
        <extracomment>The stream is coming at this moment</extracomment>
        <translation>实时</translation>
    </message>
    <message>
        <source>no answer</source>
        <extracomment>The request was sent, and there is no answer yet</extracomment>
        <translation>无响应</translation>
    </message>
    <message>
        <source>silent for {time}</source>
        <translation>已静默 {time}</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>{model} at {endpoint}</source>
        <translation>{endpoint} 的 {model}</translation>
    </message>
    <message>
        <source>… {size} in all; “Copy the body” has the rest.</source>
        <translation>… 共 {size}；“复制正文”可获取其余部分。</translation>
    </message>
</context>
<context>
    <name>KeptForm</name>
    <message>
        <source>As it came with Weir</source>
        <translation>恢复为 Weir 自带内容</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
</context>
<context>
    <name>KeptList</name>
    <message numerus="yes">
        <source>%n came in.</source>
        <extracomment>Prompts or personas came in from a file</extracomment>
        <translation>
            <numerusform>已导入 %n 项。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <extracomment>Prompts or personas of the file that were here before</extracomment>
        <translation>
            <numerusform>%n 项已存在。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were written to {file}.</source>
        <extracomment>Prompts or personas were written to a file</extracomment>
        <translation>
            <numerusform>已将 %n 项写入 {file}。</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Delete {name}</source>
        <translation>删除 {name}</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>编辑 {name}</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Hide {name}</source>
        <translation>隐藏 {name}</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>Move {name} down</source>
        <translation>下移 {name}</translation>
    </message>
    <message>
        <source>Move {name} up</source>
        <translation>上移 {name}</translation>
    </message>
    <message>
        <source>Readable files (*.toml)</source>
        <translation>可读文件 (*.toml)</translation>
    </message>
    <message>
        <source>Show what is hidden ({count})</source>
        <translation>显示隐藏项（{count}）</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>changed</source>
        <extracomment>A prompt or persona that comes with Weir and was changed</extracomment>
        <translation>已修改</translation>
    </message>
    <message>
        <source>comes with Weir</source>
        <translation>Weir 自带</translation>
    </message>
    <message>
        <source>{problem} Until then nothing can be changed here.</source>
        <translation>{problem}在此之前，这里无法进行任何更改。</translation>
    </message>
    <message>
        <source>“{name}” is hidden.</source>
        <translation>已隐藏“{name}”。</translation>
    </message>
    <message>
        <source>“{name}” was deleted.</source>
        <translation>已删除“{name}”。</translation>
    </message>
</context>
<context>
    <name>KeyCard</name>
    <message>
        <source>A service you have a key for</source>
        <translation>已有密钥的服务</translation>
    </message>
    <message>
        <source>Keys are kept in this computer’s keyring and nowhere else.</source>
        <translation>密钥只保存在这台电脑的密钥环中。</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>粘贴密钥</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the key works</extracomment>
        <translation>测试</translation>
    </message>
    <message>
        <source>The key goes into {keyring} and nowhere else.</source>
        <translation>密钥只存入 {keyring}。</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. The key is kept in memory and forgotten when Weir ends.</source>
        <translation>这台电脑没有 Weir 可用的密钥环。密钥留在内存中，Weir 退出后即被清除。</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>此密钥含有密钥中不会出现的字符。</translation>
    </message>
    <message>
        <source>This looks like a key for {service}, which Weir can’t talk to yet. If it is for another service, choose that one.</source>
        <translation>这看起来是 {service} 的密钥，Weir 还不能与该服务通信。如果属于其他服务，请选择那个服务。</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Use it anyway</source>
        <translation>仍然使用</translation>
    </message>
    <message>
        <source>Which service is this key for? Choose it beside the key.</source>
        <translation>这个密钥属于哪个服务？请在密钥旁选择。</translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>密钥</translation>
    </message>
</context>
<context>
    <name>KeyboardPage</name>
    <message>
        <source>Actions and their keys</source>
        <translation>操作及其快捷键</translation>
    </message>
    <message>
        <source>Add other keys</source>
        <translation>添加其他快捷键</translation>
    </message>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add another shortcut</extracomment>
        <translation>添加…</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>更改…</translation>
    </message>
    <message>
        <source>Every action has its first keys again.</source>
        <translation>所有操作都已恢复最初的快捷键。</translation>
    </message>
    <message>
        <source>Find an action or its keys</source>
        <translation>查找操作或快捷键</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>键盘</translation>
    </message>
    <message>
        <source>No keys</source>
        <translation>无快捷键</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>没有这个名称的项目。</translation>
    </message>
    <message>
        <source>Press others</source>
        <extracomment>On a button: press other keys instead</extracomment>
        <translation>重新按键</translation>
    </message>
    <message>
        <source>Reset</source>
        <extracomment>On a button: give an action its first keys again</extracomment>
        <translation>重置</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>全部重置</translation>
    </message>
    <message>
        <source>Take keys away</source>
        <extracomment>On a button: an action then has no keys</extracomment>
        <translation>清除快捷键</translation>
    </message>
    <message>
        <source>Take them over</source>
        <translation>改用于此</translation>
    </message>
    <message>
        <source>while a message has the keyboard</source>
        <translation>焦点在消息上时</translation>
    </message>
    <message>
        <source>while the list has the keyboard</source>
        <translation>焦点在列表上时</translation>
    </message>
    <message>
        <source>{action}: {keys}</source>
        <translation>{action}：{keys}</translation>
    </message>
    <message>
        <source>{keys} is for “{action}”. Taken over, that has these keys no longer.</source>
        <translation>{keys} 已用于“{action}”。改用于此后，原操作将不再有此快捷键。</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Escape stops a reply and closes what is open.</source>
        <translation>Esc 用于停止回复和关闭已打开的内容。</translation>
    </message>
    <message>
        <source>{keys} alone writes a character. Hold Ctrl or Alt with it.</source>
        <translation>单按 {keys} 会输入字符。请同时按住 Ctrl 或 Alt。</translation>
    </message>
    <message>
        <source>{keys} belongs to input methods on many systems.</source>
        <translation>{keys} 在许多系统上由输入法使用。</translation>
    </message>
    <message>
        <source>{keys} is needed for writing and moving about.</source>
        <translation>{keys} 用于输入和移动光标。</translation>
    </message>
    <message>
        <source>{keys} is needed for writing.</source>
        <translation>{keys} 用于输入。</translation>
    </message>
    <message>
        <source>{keys} writes a character on many keyboards, where it is AltGr.</source>
        <translation>{keys} 在许多键盘上相当于 AltGr 组合，会输入字符。</translation>
    </message>
    <message>
        <source>{words} ({keys})</source>
        <extracomment>What a button does, and its keys: Stop (Esc)</extracomment>
        <translation>{words}（{keys}）</translation>
    </message>
</context>
<context>
    <name>LanguageCard</name>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Like the system: {language}</source>
        <translation>跟随系统：{language}</translation>
    </message>
    <message>
        <source>Weir speaks {language} from its next start on.</source>
        <translation>Weir 将从下次启动起使用{language}。</translation>
    </message>
</context>
<context>
    <name>LineupBar</name>
    <message>
        <source>Add a model to compare</source>
        <translation>添加要比较的模型</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>添加…</translation>
    </message>
    <message>
        <source>Choose one more…</source>
        <extracomment>On a button: add a model</extracomment>
        <translation>再选一个…</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Models to compare</source>
        <translation>要比较的模型</translation>
    </message>
    <message>
        <source>One model again</source>
        <translation>恢复单个模型</translation>
    </message>
</context>
<context>
    <name>LineupPopup</name>
    <message>
        <source>Choose at least two. The same model may be there twice.</source>
        <translation>请至少选择两个。同一模型可以选两次。</translation>
    </message>
    <message>
        <source>Compare which models? Up to four</source>
        <translation>比较哪些模型？最多四个</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the list</extracomment>
        <translation>完成</translation>
    </message>
    <message>
        <source>Four are chosen, and there is no room for more.</source>
        <translation>已选四个，无法再添加。</translation>
    </message>
    <message>
        <source>{number} of {most} chosen</source>
        <translation>已选 {number}/{most}</translation>
    </message>
</context>
<context>
    <name>LiveConversation</name>
    <message>
        <source>A reply is still coming. Stop it first.</source>
        <translation>仍有回复正在生成。请先停止。</translation>
    </message>
    <message>
        <source>This long conversation is still being read. Try again in a moment.</source>
        <translation>这个长对话仍在读取中。请稍后重试。</translation>
    </message>
</context>
<context>
    <name>LocalModel</name>
    <message>
        <source>Another model was chosen while this one was starting.</source>
        <translation>此模型启动期间选择了其他模型。</translation>
    </message>
    <message>
        <source>Checking the demo model…</source>
        <translation>正在检查演示模型…</translation>
    </message>
    <message>
        <source>No chat template: this is a base model. It continues text and will ramble.</source>
        <translation>没有对话模板：这是基础模型，只会续写文本，容易跑题。</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>这台电脑</translation>
    </message>
    <message>
        <source>Part {position} of {count} is missing: “{name}” has to lie in the same folder.</source>
        <translation>缺少第 {position} 部分（共 {count} 部分）：“{name}”须位于同一文件夹。</translation>
    </message>
    <message>
        <source>Starting the model…</source>
        <translation>正在启动模型…</translation>
    </message>
    <message>
        <source>The demo model could not be read: {reason}.</source>
        <translation>演示模型无法读取：{reason}。</translation>
    </message>
    <message>
        <source>The demo model is not on this computer. Run:  {command}  (93 MB), or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>这台电脑上没有演示模型。请运行：  {command}  （93 MB），或在“设置 › 这台电脑”中选择自己的 GGUF 文件。</translation>
    </message>
    <message>
        <source>The demo model’s file is damaged: its checksum is wrong. Run:  {command} --force-reinstall</source>
        <translation>演示模型的文件已损坏：校验和不符。请运行：  {command} --force-reinstall</translation>
    </message>
    <message>
        <source>The engine cannot load this model: {reason}.</source>
        <translation>引擎无法加载此模型：{reason}。</translation>
    </message>
    <message>
        <source>The file became shorter while it was read.</source>
        <translation>文件在读取过程中变短了。</translation>
    </message>
    <message>
        <source>The file is cut short: its header goes on beyond its end. Download it again.</source>
        <translation>文件被截断：文件头超出了文件末尾。请重新下载。</translation>
    </message>
    <message>
        <source>The file is cut short: {missing} are missing. Download it again.</source>
        <translation>文件被截断：缺少 {missing}。请重新下载。</translation>
    </message>
    <message>
        <source>The file is damaged: its header is far too large.</source>
        <translation>文件已损坏：文件头过大。</translation>
    </message>
    <message>
        <source>The file is damaged: its header makes no sense.</source>
        <translation>文件已损坏：文件头内容无效。</translation>
    </message>
    <message>
        <source>The file “{name}” could not be read: {reason}.</source>
        <translation>文件“{name}”无法读取：{reason}。</translation>
    </message>
    <message>
        <source>The file “{name}” is no longer there.</source>
        <translation>文件“{name}”已不存在。</translation>
    </message>
    <message>
        <source>The model keeps ending unexpectedly. Wait a minute before you try again, or choose a smaller model.</source>
        <translation>模型屡次意外退出。请等一分钟再试，或选择较小的模型。</translation>
    </message>
    <message>
        <source>The model was stopped while it was starting.</source>
        <translation>模型在启动过程中被停止。</translation>
    </message>
    <message>
        <source>The model’s process could not be started: {reason}.</source>
        <translation>模型进程无法启动：{reason}。</translation>
    </message>
    <message>
        <source>The model’s process ended unexpectedly (code {code}).</source>
        <translation>模型进程意外退出（代码 {code}）。</translation>
    </message>
    <message>
        <source>The part that runs models is not installed. Close Weir, run:  pip install {module}  and start Weir again.</source>
        <translation>未安装运行模型的组件。请关闭 Weir，运行：  pip install {module}  然后重新启动 Weir。</translation>
    </message>
    <message>
        <source>The system ended the model, probably because memory ran out. It needs about {need} GB.</source>
        <translation>系统终止了模型，可能是内存不足。它约需 {need} GB。</translation>
    </message>
    <message>
        <source>There is no ready-made part that runs models for Windows on ARM.</source>
        <translation>没有适用于 ARM 版 Windows 的现成模型运行组件。</translation>
    </message>
    <message>
        <source>This GGUF file has version {version}, which is not known here.</source>
        <translation>此 GGUF 文件的版本为 {version}，Weir 不认识。</translation>
    </message>
    <message>
        <source>This GGUF file holds no language model.</source>
        <translation>此 GGUF 文件中没有语言模型。</translation>
    </message>
    <message>
        <source>This GGUF file was made for big-endian machines and cannot be used.</source>
        <translation>此 GGUF 文件为大端序机器制作，无法使用。</translation>
    </message>
    <message>
        <source>This computer’s processor lacks instructions that the model needs (AVX2). Use a model server or a service instead.</source>
        <translation>这台电脑的处理器缺少模型所需的指令集（AVX2）。请改用模型服务器或在线服务。</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the demo model. Install the copy with it, or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>此版本的 Weir 不带演示模型。请安装带演示模型的版本，或在“设置 › 这台电脑”中选择自己的 GGUF 文件。</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the part that runs models. Install the full one.</source>
        <translation>此版本的 Weir 不带运行模型的组件。请安装完整版。</translation>
    </message>
    <message>
        <source>This file is {what}, not a model. Choose the model's own file.</source>
        <translation>此文件是{what}，不是模型。请选择模型本身的文件。</translation>
    </message>
    <message>
        <source>This is not a GGUF file.</source>
        <translation>这不是 GGUF 文件。</translation>
    </message>
    <message>
        <source>This is part {number} of {count}, but its name was changed. The parts must keep the names they were downloaded with.</source>
        <translation>这是第 {number} 部分（共 {count} 部分），但名称已被更改。各部分须保持下载时的名称。</translation>
    </message>
    <message>
        <source>This is part {number} of {count}: choose the first part, “{name}”.</source>
        <translation>这是第 {number} 部分（共 {count} 部分）：请选择第一部分“{name}”。</translation>
    </message>
    <message>
        <source>This model is made for searching texts; it cannot chat.</source>
        <translation>此模型用于检索文本，不能对话。</translation>
    </message>
    <message>
        <source>a measurement for making models</source>
        <translation>制作模型时用的测量数据</translation>
    </message>
    <message>
        <source>an adapter</source>
        <translation>适配器</translation>
    </message>
    <message>
        <source>an addition to a model</source>
        <translation>模型的附加部分</translation>
    </message>
    <message>
        <source>its chat template cannot be understood</source>
        <translation>无法理解其对话模板</translation>
    </message>
    <message>
        <source>many GB</source>
        <translation>许多 GB</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>磁盘未给出原因</translation>
    </message>
    <message>
        <source>the name is not a file's</source>
        <translation>名称不是文件名</translation>
    </message>
    <message>
        <source>the part of a model that sees pictures</source>
        <translation>模型中识别图片的部分</translation>
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
            <numerusform>%n 个 token</numerusform>
        </translation>
    </message>
    <message>
        <source>A model file of your own</source>
        <translation>自己的模型文件</translation>
    </message>
    <message>
        <source>A model that runs here needs no key and no connection. Weir starts it when you first ask it.</source>
        <translation>在此运行的模型无需密钥，也无需联网。首次提问时，Weir 会启动它。</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Choose a GGUF file</source>
        <translation>选择 GGUF 文件</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>选择 GGUF 文件…</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Demo model</source>
        <translation>演示模型</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>In use</source>
        <extracomment>A model that is in use now</extracomment>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>模型 (*.gguf)</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>这台电脑</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Small and fast, for trying things out. What it says is often wrong.</source>
        <translation>小巧快速，适合试用。回答经常出错。</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>使用此模型</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>未注明</translation>
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
            <numerusform>%n 个 token</numerusform>
        </translation>
    </message>
    <message>
        <source>Demo model, often wrong</source>
        <translation>演示模型，经常出错</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>回复的统计数据</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>首个 token {time}</translation>
    </message>
    <message>
        <source>on this computer</source>
        <translation>在这台电脑上</translation>
    </message>
    <message>
        <source>waiting {time}</source>
        <translation>已等待 {time}</translation>
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
        <translation>移除 {name}</translation>
    </message>
</context>
<context>
    <name>ModelPopup</name>
    <message>
        <source>Add an endpoint…</source>
        <translation>添加端点…</translation>
    </message>
    <message>
        <source>By its name</source>
        <translation>按名称</translation>
    </message>
    <message>
        <source>Find a model, or type its name</source>
        <translation>查找模型，或输入名称</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>No models listed yet. Type a name, or refresh.</source>
        <translation>尚未列出模型。请输入名称，或刷新。</translation>
    </message>
    <message>
        <source>Not refreshed. {why}</source>
        <translation>未刷新。{why}</translation>
    </message>
    <message>
        <source>Refresh</source>
        <extracomment>On a button: ask for the list of models again</extracomment>
        <translation>刷新</translation>
    </message>
    <message>
        <source>Use “{model}” at {endpoint}</source>
        <translation>使用 {endpoint} 的“{model}”</translation>
    </message>
</context>
<context>
    <name>ModelQuestion</name>
    <message>
        <source>Try again with which model?</source>
        <translation>用哪个模型重试？</translation>
    </message>
</context>
<context>
    <name>Network</name>
    <message>
        <source>A SOCKS proxy takes names and passwords of at most 255 letters.</source>
        <translation>SOCKS 代理的用户名和密码最多 255 个字符。</translation>
    </message>
    <message>
        <source>A proxy’s address begins with http://, https://, socks5:// or socks5h://.</source>
        <translation>代理地址以 http://、https://、socks5:// 或 socks5h:// 开头。</translation>
    </message>
    <message>
        <source>Begin the address with socks5:// if the proxy speaks SOCKS 5; SOCKS 4 can’t be used.</source>
        <translation>如果代理使用 SOCKS 5，地址请以 socks5:// 开头；不支持 SOCKS 4。</translation>
    </message>
    <message>
        <source>Check this computer’s clock.</source>
        <translation>请检查这台电脑的时钟。</translation>
    </message>
    <message>
        <source>Check this computer’s clock; if it is right, the service has to renew its certificate.</source>
        <translation>请检查这台电脑的时钟；如果时间无误，则需由服务方更新证书。</translation>
    </message>
    <message>
        <source>Enter the proxy’s address, like http://proxy.example:8080.</source>
        <translation>请输入代理地址，例如 http://proxy.example:8080。</translation>
    </message>
    <message>
        <source>If the server is yours, name its certificate’s file under Settings, Network.</source>
        <translation>如果这是自己的服务器，请在“设置 › 网络”中指定其证书文件。</translation>
    </message>
    <message>
        <source>If you trust who issued it, name the file of that authority under Settings, Network.</source>
        <translation>如果信任颁发者，请在“设置 › 网络”中指定该机构的证书文件。</translation>
    </message>
    <message>
        <source>Leave out what follows the port in the proxy’s address.</source>
        <translation>请去掉代理地址中端口之后的内容。</translation>
    </message>
    <message>
        <source>Nothing is listening at {name}.</source>
        <translation>{name} 没有服务在监听。</translation>
    </message>
    <message>
        <source>Something on the way shows its own: name its authority’s file under Settings, Network.</source>
        <translation>途中有环节出示了自己的证书：请在“设置 › 网络”中指定其颁发机构的文件。</translation>
    </message>
    <message>
        <source>The answer could not be unpacked.</source>
        <translation>响应无法解压。</translation>
    </message>
    <message>
        <source>The certificate is for another name: check the address.</source>
        <translation>证书属于其他名称：请检查地址。</translation>
    </message>
    <message>
        <source>The certificates in {ca_file} are damaged. Ask for the file again.</source>
        <translation>{ca_file} 中的证书已损坏。请重新索取该文件。</translation>
    </message>
    <message>
        <source>The certificates of this system could not be read: {reason}</source>
        <translation>无法读取系统证书：{reason}</translation>
    </message>
    <message>
        <source>The endpoint's extra fields hold something that JSON can't.</source>
        <translation>端点的附加字段中有 JSON 无法表示的内容。</translation>
    </message>
    <message>
        <source>The name in the proxy’s address can’t be that of a computer.</source>
        <translation>代理地址中的名称不可能是主机名。</translation>
    </message>
    <message>
        <source>The name of one of the endpoint's headers has characters that can't be sent.</source>
        <translation>端点的某个请求头名称含有无法发送的字符。</translation>
    </message>
    <message>
        <source>The network is unreachable.</source>
        <translation>网络不可达。</translation>
    </message>
    <message>
        <source>The port in the proxy’s address has to be a number from 1 to 65535.</source>
        <translation>代理地址中的端口须为 1 到 65535 之间的数字。</translation>
    </message>
    <message>
        <source>The port is missing: a proxy’s address ends like :8080.</source>
        <translation>缺少端口：代理地址的结尾形如 :8080。</translation>
    </message>
    <message>
        <source>The proxy answered {status}.</source>
        <translation>代理返回了 {status}。</translation>
    </message>
    <message>
        <source>The proxy asks for a name and password. Put them into its address under Settings, Network: http://name:password@…</source>
        <translation>代理要求用户名和密码。请在“设置 › 网络”中写入其地址：http://用户名:密码@…</translation>
    </message>
    <message>
        <source>The proxy could not reach {host}: {reason}.</source>
        <translation>代理无法连接 {host}：{reason}。</translation>
    </message>
    <message>
        <source>The proxy did not accept the name and password. Enter them again under Settings, Network.</source>
        <translation>代理不接受该用户名和密码。请在“设置 › 网络”中重新输入。</translation>
    </message>
    <message>
        <source>The proxy named in the environment can’t be used: {error}</source>
        <translation>环境变量中指定的代理无法使用：{error}</translation>
    </message>
    <message>
        <source>The proxy’s address has to look like http://proxy.example:8080.</source>
        <translation>代理地址应形如 http://proxy.example:8080。</translation>
    </message>
    <message>
        <source>The proxy’s name and password stand in a file. Enter the proxy anew under Settings, Network.</source>
        <translation>代理的用户名和密码写在文件中。请在“设置 › 网络”中重新输入代理。</translation>
    </message>
    <message>
        <source>The proxy’s name or password holds characters that can’t be sent.</source>
        <translation>代理的用户名或密码含有无法发送的字符。</translation>
    </message>
    <message>
        <source>The proxy’s name {host} was not found.</source>
        <translation>找不到代理主机名 {host}。</translation>
    </message>
    <message>
        <source>The request could not be put into HTTP.</source>
        <translation>请求无法以 HTTP 表示。</translation>
    </message>
    <message>
        <source>The server does not speak TLS at this port. Perhaps the address should start with http://.</source>
        <translation>服务器在此端口上不使用 TLS。地址可能应以 http:// 开头。</translation>
    </message>
    <message>
        <source>The server sends on in a circle.</source>
        <translation>服务器在循环重定向。</translation>
    </message>
    <message>
        <source>The server sends on to {host}. Put that address into the endpoint if you trust it.</source>
        <translation>服务器要求转到 {host}。如果信任该地址，请将其填入端点。</translation>
    </message>
    <message>
        <source>The server sent too much: {error}.</source>
        <translation>服务器发来的内容过多：{error}。</translation>
    </message>
    <message>
        <source>The value of the header {name} has characters that can't be sent.</source>
        <translation>请求头 {name} 的值含有无法发送的字符。</translation>
    </message>
    <message>
        <source>There is a space in the proxy’s address.</source>
        <translation>代理地址中有空格。</translation>
    </message>
    <message>
        <source>There is no file {ca_file}. Choose the file of certificates again.</source>
        <translation>没有文件 {ca_file}。请重新选择证书文件。</translation>
    </message>
    <message>
        <source>This is an automatic configuration file (PAC), which can’t be used. Enter the proxy it names.</source>
        <translation>这是自动配置文件（PAC），无法使用。请输入其中指定的代理。</translation>
    </message>
    <message>
        <source>This is the certificate of the proxy. {words}</source>
        <translation>这是代理的证书。{words}</translation>
    </message>
    <message>
        <source>What answers at {name} is no {scheme} proxy, or it closed the connection.</source>
        <translation>{name} 的应答方不是 {scheme} 代理，或者它关闭了连接。</translation>
    </message>
    <message>
        <source>a single record is larger than {limit} MB</source>
        <translation>单条记录大于 {limit} MB</translation>
    </message>
    <message>
        <source>{ca_file} can’t be read ({reason}). Check its permissions.</source>
        <translation>{ca_file} 无法读取（{reason}）。请检查其权限。</translation>
    </message>
    <message>
        <source>{ca_file} holds a private key, not certificates. Choose the certificate of the authority.</source>
        <translation>{ca_file} 中是私钥，不是证书。请选择颁发机构的证书。</translation>
    </message>
    <message>
        <source>{ca_file} holds no certificates in PEM form, which begin with “-----BEGIN CERTIFICATE-----”.</source>
        <translation>{ca_file} 中没有 PEM 格式的证书（以“-----BEGIN CERTIFICATE-----”开头）。</translation>
    </message>
    <message>
        <source>{ca_file} is a folder. Choose the file of certificates in it.</source>
        <translation>{ca_file} 是文件夹。请选择其中的证书文件。</translation>
    </message>
    <message>
        <source>{name} did not answer in time.</source>
        <translation>{name} 未及时响应。</translation>
    </message>
    <message>
        <source>{name} names {value}, which does not exist.</source>
        <translation>{name} 指定了 {value}，但它不存在。</translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>A file of certificates (PEM) that are trusted beside the system’s, for instance your company’s. Leave it empty where none is needed.</source>
        <translation>除系统证书外额外信任的证书文件（PEM），例如公司的证书。不需要时请留空。</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>证书</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>等待时间</translation>
    </message>
    <message>
        <source>How services are reached. Servers on this computer are always asked directly, and an endpoint can have a way of its own.</source>
        <translation>连接各项服务的方式。这台电脑上的服务器始终直接连接，各端点也可单独设置。</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Not used yet: enter its address.</source>
        <translation>尚未使用：请输入地址。</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>代理</translation>
    </message>
    <message>
        <source>{problem} Until then requests go as before.</source>
        <translation>{problem}在此之前，请求照旧发送。</translation>
    </message>
</context>
<context>
    <name>NetworkText</name>
    <message>
        <source>“{text}” has to be a number of seconds from {least} to {most}.</source>
        <translation>“{text}”须为 {least} 到 {most} 之间的秒数。</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Put this notice away</source>
        <translation>收起此通知</translation>
    </message>
</context>
<context>
    <name>Notifier</name>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>The reply of {model} failed.</source>
        <translation>{model} 的回复失败。</translation>
    </message>
    <message>
        <source>{model} has replied.</source>
        <translation>{model} 已回复。</translation>
    </message>
</context>
<context>
    <name>Offers</name>
    <message>
        <source>Favourites</source>
        <translation>收藏</translation>
    </message>
    <message>
        <source>Used last</source>
        <translation>上次使用</translation>
    </message>
</context>
<context>
    <name>OnceChip</name>
    <message>
        <source>@{model} at {endpoint} answers this once</source>
        <translation>@{model}（{endpoint}）本次作答</translation>
    </message>
    <message>
        <source>Back to the conversation’s own model</source>
        <translation>恢复为对话原本的模型</translation>
    </message>
</context>
<context>
    <name>OptionField</name>
    <message>
        <source>Left to the service</source>
        <translation>由服务决定</translation>
    </message>
    <message>
        <source>None</source>
        <comment>system prompt</comment>
        <translation>无</translation>
    </message>
    <message>
        <source>Not sent</source>
        <translation>不发送</translation>
    </message>
    <message>
        <source>Until then it is left to the service.</source>
        <translation>在此之前由服务决定。</translation>
    </message>
</context>
<context>
    <name>Options</name>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>须在 0 到 {most} 之间。</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>须不小于 {least}。</translation>
    </message>
    <message>
        <source>No model writes that much.</source>
        <translation>没有模型会写这么多。</translation>
    </message>
    <message>
        <source>This is not a number.</source>
        <translation>这不是数字。</translation>
    </message>
    <message>
        <source>This is not a whole number.</source>
        <translation>这不是整数。</translation>
    </message>
    <message>
        <source>This number is too large.</source>
        <translation>此数字过大。</translation>
    </message>
</context>
<context>
    <name>OptionsPanel</name>
    <message>
        <source>All at once, when it is done</source>
        <translation>完成后一次显示</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>逐步显示</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>尽其所能</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the panel</extracomment>
        <translation>完成</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>高</translation>
    </message>
    <message>
        <source>It is kept, but not sent.</source>
        <translation>会保留，但不发送。</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>由服务决定</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>回复最大长度（token 数）</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>低</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>中</translation>
    </message>
    <message>
        <source>Minimal</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>最低</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>无</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>此对话的选项</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>推理</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>推理（token 数）</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>全部重置</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>遇到这些文本时停止，每行一个</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>The number of tokens counts instead.</source>
        <translation>以 token 数为准。</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>回复显示方式</translation>
    </message>
    <message>
        <source>They go with every prompt from now on, here for {model}.</source>
        <translation>从现在起随每条提示词发送，此处针对 {model}。</translation>
    </message>
    <message>
        <source>They go with every prompt from now on.</source>
        <translation>从现在起随每条提示词发送。</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>很高</translation>
    </message>
</context>
<context>
    <name>Outside</name>
    <message>
        <source>Desktop</source>
        <translation>桌面</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>快速提问</translation>
    </message>
    <message>
        <source>Settings: Desktop</source>
        <translation>设置：桌面</translation>
    </message>
    <message>
        <source>notifications tray background quick question</source>
        <translation>通知 托盘 后台 快速提问</translation>
    </message>
    <message>
        <source>small window ask</source>
        <translation>小窗口 提问</translation>
    </message>
</context>
<context>
    <name>OwnForm</name>
    <message>
        <source>A JSON pointer to the text in each record that comes back. Leave it empty where Weir finds the text by itself, as in the usual forms.</source>
        <translation>指向每条返回记录中文本的 JSON 指针。如果是常见格式，Weir 能自行找到文本，可以留空。</translation>
    </message>
    <message>
        <source>A form of your own</source>
        <translation>自定义格式</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>Where the text is</source>
        <translation>文本位置</translation>
    </message>
</context>
<context>
    <name>OwnWay</name>
    <message>
        <source>A PEM file that is trusted for this endpoint, in place of the one under Network.</source>
        <translation>此端点信任的 PEM 文件，用来代替“网络”中指定的文件。</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>证书文件</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>等待时间</translation>
    </message>
    <message>
        <source>Network…</source>
        <translation>网络…</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>代理</translation>
    </message>
    <message>
        <source>Shows proxy, certificates and waits of this endpoint</source>
        <translation>显示此端点的代理、证书和等待时间</translation>
    </message>
    <message>
        <source>What is left empty is as under Settings, Network.</source>
        <translation>留空的项目沿用“设置 › 网络”。</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>An action, a conversation or a model</source>
        <translation>操作、对话或模型</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>归档</translation>
    </message>
    <message>
        <source>Do or open anything</source>
        <translation>执行操作或打开内容</translation>
    </message>
    <message>
        <source>Done lately</source>
        <translation>最近操作</translation>
    </message>
    <message>
        <source>Latest conversations</source>
        <translation>最近的对话</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>没有这个名称的项目。</translation>
    </message>
    <message>
        <source>What fits</source>
        <translation>匹配结果</translation>
    </message>
    <message>
        <source>conversation</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>对话</translation>
    </message>
    <message>
        <source>model</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>模型</translation>
    </message>
    <message>
        <source>not possible now</source>
        <translation>目前不可用</translation>
    </message>
</context>
<context>
    <name>PersonaButton</name>
    <message>
        <source>Edit personas…</source>
        <translation>编辑角色…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>无</translation>
    </message>
    <message>
        <source>Persona: none</source>
        <translation>角色：无</translation>
    </message>
    <message>
        <source>Persona: {name}</source>
        <translation>角色：{name}</translation>
    </message>
</context>
<context>
    <name>PersonaField</name>
    <message>
        <source>Edit personas…</source>
        <translation>编辑角色…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>无</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>These values are this conversation’s own by now.</source>
        <translation>这些值现在属于此对话。</translation>
    </message>
    <message>
        <source>This conversation keeps these values, whatever the persona becomes.</source>
        <translation>无论角色如何变化，此对话都保留这些值。</translation>
    </message>
    <message>
        <source>{name}, as it was</source>
        <translation>{name}（原样）</translation>
    </message>
</context>
<context>
    <name>Personas</name>
    <message>
        <source>A conversation that was started before keeps the values that it has.</source>
        <translation>先前开始的对话保留已有的值。</translation>
    </message>
    <message>
        <source>A persona is a system prompt with a name, and the model and options that go with it. A conversation takes its values over; changing the persona later does not change the conversation.</source>
        <translation>角色是有名称的系统提示词，连同所配的模型和选项。对话会采用角色的值；之后修改角色，不会改变对话。</translation>
    </message>
    <message>
        <source>A persona needs a name.</source>
        <translation>角色需要名称。</translation>
    </message>
    <message>
        <source>All at once, when it is done</source>
        <translation>完成后一次显示</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>逐步显示</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>尽其所能</translation>
    </message>
    <message>
        <source>For new conversations</source>
        <translation>用于新对话</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>高</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>由服务决定</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>回复最大长度（token 数）</translation>
    </message>
    <message>
        <source>Low</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>低</translation>
    </message>
    <message>
        <source>Medium</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>中</translation>
    </message>
    <message>
        <source>Minimal</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>最低</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>New persona</source>
        <translation>新建角色</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>无</translation>
    </message>
    <message>
        <source>Nothing set</source>
        <translation>未设置任何内容</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>推理</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>推理（token 数）</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>遇到这些文本时停止，每行一个</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>The one chosen at the top</source>
        <translation>顶部选择的模型</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>回复显示方式</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>很高</translation>
    </message>
</context>
<context>
    <name>PickerButton</name>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>模型：{name}</translation>
    </message>
</context>
<context>
    <name>Picture</name>
    <message>
        <source>larger than {size}</source>
        <translation>大于 {size}</translation>
    </message>
    <message>
        <source>not a picture of a kind that is shown</source>
        <translation>不是可以显示的图片类型</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>已不存在</translation>
    </message>
    <message>
        <source>the server answered {status}</source>
        <translation>服务器返回了 {status}</translation>
    </message>
    <message>
        <source>the server can’t be reached</source>
        <translation>无法连接服务器</translation>
    </message>
    <message>
        <source>the server refuses it</source>
        <translation>服务器拒绝提供</translation>
    </message>
    <message>
        <source>the server sends on to another</source>
        <translation>服务器要求转到别处</translation>
    </message>
</context>
<context>
    <name>PlaceHead</name>
    <message>
        <source>All conversations</source>
        <translation>所有对话</translation>
    </message>
    <message>
        <source>Empty…</source>
        <extracomment>What is done, on a button: delete what is in the bin</extracomment>
        <translation>清空…</translation>
    </message>
</context>
<context>
    <name>PlaceList</name>
    <message>
        <source>Delete the folder, keep its conversations</source>
        <translation>删除文件夹，保留其中的对话</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
</context>
<context>
    <name>Placeholder</name>
    <message>
        <source>A problem</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>录制内容</translation>
    </message>
    <message>
        <source>Something else</source>
        <translation>其他内容</translation>
    </message>
    <message>
        <source>audio</source>
        <translation>音频</translation>
    </message>
    <message>
        <source>code that the service ran</source>
        <translation>服务运行的代码</translation>
    </message>
    <message>
        <source>content</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>file</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>hidden reasoning</source>
        <translation>隐藏的推理</translation>
    </message>
    <message>
        <source>image</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>result of the code</source>
        <translation>代码运行结果</translation>
    </message>
    <message>
        <source>video</source>
        <translation>视频</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Endpoints, without keys</source>
        <translation>端点，不含密钥</translation>
    </message>
    <message>
        <source>Log, without texts and keys</source>
        <translation>日志，不含文本和密钥</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Reports of crashes, which are sent nowhere</source>
        <translation>崩溃报告，不会发往任何地方</translation>
    </message>
</context>
<context>
    <name>PromptEdit</name>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
</context>
<context>
    <name>Prompts</name>
    <message>
        <source>New prompt</source>
        <translation>新建提示词</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Texts to be used again. Type / in an empty line where you write, and choose one.</source>
        <translation>可重复使用的文本。在输入框的空行中输入 /，即可选择。</translation>
    </message>
    <message>
        <source>There is no text yet.</source>
        <translation>尚无文本。</translation>
    </message>
    <message>
        <source>To fill in: {names}</source>
        <translation>待填写：{names}</translation>
    </message>
    <message>
        <source>Translate into {{language=English}}: {{text}}</source>
        <translation>翻译成{{语言=中文}}：{{文本}}</translation>
    </message>
    <message>
        <source>{{topic}} is a place to fill in, under any name; {{language=English}} is filled in already and may be changed; {{clipboard}} is what was copied last, {{date}} the date of the day.</source>
        <translation>{{主题}} 是待填写的位置，名称任意；{{语言=中文}} 已预先填好，可以修改；{{clipboard}} 是最近复制的内容，{{date}} 是当天日期。</translation>
    </message>
</context>
<context>
    <name>Provider</name>
    <message>
        <source>Google did not let this prompt through ({reason}).</source>
        <translation>Google 未放行此提示词（{reason}）。</translation>
    </message>
    <message>
        <source>It did not say where the reply will be.</source>
        <translation>它没有说明回复将在哪里。</translation>
    </message>
    <message>
        <source>It failed and gave no reason.</source>
        <translation>操作失败，未说明原因。</translation>
    </message>
    <message>
        <source>It gave no reason.</source>
        <translation>未说明原因。</translation>
    </message>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>须在 0 到 {most} 之间。</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>须不小于 {least}。</translation>
    </message>
    <message>
        <source>Not known to {title}.</source>
        <translation>{title} 不认识此项。</translation>
    </message>
    <message>
        <source>Not together with reasoning.</source>
        <translation>不能与推理同时使用。</translation>
    </message>
    <message>
        <source>The demo model does not reason.</source>
        <translation>演示模型不会推理。</translation>
    </message>
    <message>
        <source>The endpoint’s form has no {place}.</source>
        <translation>端点的格式中没有 {place}。</translation>
    </message>
    <message>
        <source>The flow decides this by itself.</source>
        <translation>由流程自行决定。</translation>
    </message>
    <message>
        <source>The key for the header {header} is missing.</source>
        <translation>缺少请求头 {header} 的密钥。</translation>
    </message>
    <message>
        <source>The key holds characters that can't be sent. Copy it again, without quotes or line breaks.</source>
        <translation>密钥含有无法发送的字符。请重新复制，不要带引号或换行。</translation>
    </message>
    <message>
        <source>The list of releases</source>
        <translation>发布列表</translation>
    </message>
    <message>
        <source>The model's server ended the reply with an error.</source>
        <translation>模型服务器以错误终止了回复。</translation>
    </message>
    <message>
        <source>The prediction ended with an error.</source>
        <translation>预测以错误告终。</translation>
    </message>
    <message>
        <source>The prediction failed.</source>
        <translation>预测失败。</translation>
    </message>
    <message>
        <source>Together with reasoning it has to be 0.95 or more.</source>
        <translation>与推理同时使用时，须不小于 0.95。</translation>
    </message>
    <message>
        <source>the model on this computer</source>
        <translation>这台电脑上的模型</translation>
    </message>
    <message>
        <source>your own form</source>
        <translation>自定义格式</translation>
    </message>
    <message>
        <source>{model} does not stream. Its replies come at once.</source>
        <translation>{model} 不支持流式传输，其回复会一次到达。</translation>
    </message>
    <message>
        <source>{model} does not take it.</source>
        <translation>{model} 不接受此项。</translation>
    </message>
    <message>
        <source>“{provider}” is not known.</source>
        <translation>“{provider}”未知。</translation>
    </message>
</context>
<context>
    <name>ProxyFields</name>
    <message>
        <source>Address of the proxy</source>
        <translation>代理地址</translation>
    </message>
    <message>
        <source>As under Settings, Network</source>
        <translation>沿用“设置 › 网络”</translation>
    </message>
    <message>
        <source>Begins with http://, https://, socks5:// or socks5h:// and ends in the port. If it wants a login, type http://name:password@proxy.example:8080; name and password go into the keyring.</source>
        <translation>以 http://、https://、socks5:// 或 socks5h:// 开头，以端口结尾。如果需要登录，请输入 http://用户名:密码@proxy.example:8080；用户名和密码会存入密钥环。</translation>
    </message>
    <message>
        <source>Its name and password are in memory, for this run only.</source>
        <translation>其用户名和密码留在内存中，仅限本次运行。</translation>
    </message>
    <message>
        <source>Its name and password are in the keyring. Type the address with new ones to replace them.</source>
        <translation>其用户名和密码保存在密钥环中。要更换时，请输入带有新用户名和密码的地址。</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>No proxy</source>
        <translation>不使用代理</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>代理</translation>
    </message>
    <message>
        <source>Remove name and password</source>
        <translation>移除用户名和密码</translation>
    </message>
    <message>
        <source>Straight to the service, whatever the system says.</source>
        <translation>无论系统如何设置，都直接连接服务。</translation>
    </message>
    <message>
        <source>The variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, on macOS and Windows the system’s settings too.</source>
        <translation>使用变量 HTTPS_PROXY、HTTP_PROXY、ALL_PROXY 和 NO_PROXY；在 macOS 和 Windows 上还使用系统设置。</translation>
    </message>
    <message>
        <source>This proxy</source>
        <translation>此代理</translation>
    </message>
</context>
<context>
    <name>QuickQuestion</name>
    <message>
        <source>Choose a model first.</source>
        <translation>请先选择模型。</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>端点仍在读取中。请稍后再发送。</translation>
    </message>
</context>
<context>
    <name>QuickWindow</name>
    <message>
        <source>Ask anything</source>
        <translation>随便问点什么</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Copy reply</source>
        <translation>复制回复</translation>
    </message>
    <message>
        <source>New question</source>
        <translation>新问题</translation>
    </message>
    <message>
        <source>Open in Weir</source>
        <translation>在 Weir 中打开</translation>
    </message>
    <message>
        <source>Quick question – Weir</source>
        <translation>快速提问 – Weir</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>回复…</translation>
    </message>
    <message>
        <source>The reply was copied.</source>
        <translation>已复制回复。</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. This is sent in a moment.</source>
        <translation>端点仍在读取中，稍后即会发送。</translation>
    </message>
</context>
<context>
    <name>RecordModel</name>
    <message>
        <source>Became</source>
        <extracomment>Over a column: what Weir made of a record</extracomment>
        <translation>解析为</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Gap</source>
        <extracomment>Over a column: the time between a record and the one before</extracomment>
        <translation>间隔</translation>
    </message>
    <message>
        <source>Record {number} after {time}, {size}: {became}</source>
        <translation>记录 {number}，{time} 后到达，{size}：{became}</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Time</source>
        <extracomment>Over a column: when a record came, after the request</extracomment>
        <translation>时间</translation>
    </message>
</context>
<context>
    <name>RecordPage</name>
    <message>
        <source>As it came</source>
        <translation>原始内容</translation>
    </message>
    <message>
        <source>Choose a record in the list.</source>
        <translation>请在列表中选择一条记录。</translation>
    </message>
    <message>
        <source>Event “{event}”.</source>
        <translation>事件“{event}”。</translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation>无。</translation>
    </message>
    <message numerus="yes">
        <source>Record {number}: after {time}, {gap} after the one before; {size} in %n read(s).</source>
        <extracomment>A read is one portion of bytes as it came over the connection</extracomment>
        <translation>
            <numerusform>记录 {number}：{time} 后到达，与前一条相隔 {gap}；{size}，分 %n 次读取。</numerusform>
        </translation>
    </message>
    <message>
        <source>What it became</source>
        <translation>解析结果</translation>
    </message>
</context>
<context>
    <name>RecordView</name>
    <message>
        <source>Records</source>
        <translation>记录</translation>
    </message>
    <message>
        <source>The record was copied.</source>
        <translation>已复制记录。</translation>
    </message>
</context>
<context>
    <name>Recorder</name>
    <message>
        <source>Press the new keys. Escape leaves them as they are.</source>
        <translation>请按下新的快捷键。按 Esc 则保持不变。</translation>
    </message>
</context>
<context>
    <name>RowDelegate</name>
    <message>
        <source>Title of the conversation</source>
        <translation>对话标题</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>Archive</source>
        <comment>what is done</comment>
        <extracomment>What is done: put conversations into the archive</extracomment>
        <translation>归档</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete for good…</source>
        <translation>永久删除…</translation>
    </message>
    <message>
        <source>Move to</source>
        <translation>移动到</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>文件夹名称</translation>
    </message>
    <message>
        <source>Name of the tag</source>
        <translation>标签名称</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>新建文件夹…</translation>
    </message>
    <message>
        <source>New tag</source>
        <translation>新建标签</translation>
    </message>
    <message>
        <source>New tag…</source>
        <translation>新建标签…</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>无文件夹</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Restore</source>
        <extracomment>What is done: take conversations out of the bin</extracomment>
        <translation>还原</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Take out of the archive</source>
        <extracomment>What is done: show archived conversations in the list again</extracomment>
        <translation>取消归档</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>取消置顶</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>搜索全部</translation>
    </message>
</context>
<context>
    <name>Serving</name>
    <message>
        <source>The message and what follows it were deleted.</source>
        <translation>已删除此消息及其后的内容。</translation>
    </message>
    <message>
        <source>The message was deleted.</source>
        <translation>已删除此消息。</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>端点</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>键盘</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>这台电脑</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted for good.</source>
        <translation>
            <numerusform>已永久删除 %n 个对话。</numerusform>
        </translation>
    </message>
    <message>
        <source>Emptying the bin</source>
        <translation>正在清空回收站</translation>
    </message>
    <message numerus="yes">
        <source>Emptying the bin: %n deleted</source>
        <translation>
            <numerusform>正在清空回收站：已删除 %n 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ShelfRow</name>
    <message>
        <source>Go to this row</source>
        <translation>转到此行</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>更多操作</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>on screen</source>
        <translation>正在显示</translation>
    </message>
</context>
<context>
    <name>ShelfRows</name>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
</context>
<context>
    <name>ShelfView</name>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Kept for 30 days</source>
        <translation>保留 30 天</translation>
    </message>
    <message>
        <source>Pinned</source>
        <extracomment>Over the conversations that are kept at the top</extracomment>
        <translation>已置顶</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <extracomment>The seven days before yesterday</extracomment>
        <translation>前 7 天</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Always so: the list of conversations</source>
        <translation>固定按键：对话列表</translation>
    </message>
    <message>
        <source>Always so: the transcript</source>
        <translation>固定按键：对话内容</translation>
    </message>
    <message>
        <source>Always so: writing</source>
        <translation>固定按键：撰写</translation>
    </message>
    <message>
        <source>Arrows</source>
        <extracomment>The four arrow keys</extracomment>
        <translation>方向键</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>更改…</translation>
    </message>
    <message>
        <source>Choose several</source>
        <translation>选择多个</translation>
    </message>
    <message>
        <source>Copy, select all</source>
        <translation>复制、全选</translation>
    </message>
    <message>
        <source>Extend the selection</source>
        <translation>扩展选区</translation>
    </message>
    <message>
        <source>Find a shortcut</source>
        <translation>查找快捷键</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Menu</source>
        <extracomment>What a key does: open the menu</extracomment>
        <translation>菜单</translation>
    </message>
    <message>
        <source>New line</source>
        <translation>换行</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>没有这个名称的项目。</translation>
    </message>
    <message>
        <source>Open</source>
        <extracomment>Open the conversation</extracomment>
        <translation>打开</translation>
    </message>
    <message>
        <source>Scroll</source>
        <extracomment>What keys do</extracomment>
        <translation>滚动</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What a key does</extracomment>
        <translation>发送</translation>
    </message>
    <message>
        <source>Shift and arrows</source>
        <translation>Shift 加方向键</translation>
    </message>
    <message>
        <source>Shift or Ctrl and arrows, Space</source>
        <translation>Shift 或 Ctrl 加方向键、空格键</translation>
    </message>
    <message>
        <source>Stop, else close what is open</source>
        <translation>停止，或关闭已打开的内容</translation>
    </message>
    <message>
        <source>To a message’s actions, and the next message’s</source>
        <translation>转到消息的操作，再到下一条消息的操作</translation>
    </message>
    <message>
        <source>To the next control, and back</source>
        <translation>转到下一个控件，或返回上一个</translation>
    </message>
</context>
<context>
    <name>ShownModel</name>
    <message>
        <source>Starting the model</source>
        <translation>正在启动模型</translation>
    </message>
    <message>
        <source>The model is ready.</source>
        <translation>模型已就绪。</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message numerus="yes">
        <source>%n and more found</source>
        <translation>
            <numerusform>找到 %n 个以上</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>找到 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>归档</translation>
    </message>
    <message>
        <source>Bin</source>
        <translation>回收站</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n conversation(s) for good?</source>
        <translation>
            <numerusform>永久删除 %n 个对话？</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete everything in the bin for good?</source>
        <translation>永久删除回收站中的所有内容？</translation>
    </message>
    <message>
        <source>Delete for good</source>
        <translation>永久删除</translation>
    </message>
    <message>
        <source>Delete this conversation for good?</source>
        <translation>永久删除此对话？</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>No conversation has this tag.</source>
        <translation>没有带此标签的对话。</translation>
    </message>
    <message>
        <source>Nothing found. Try fewer or other words.</source>
        <translation>未找到结果。请减少关键词或换用其他词。</translation>
    </message>
    <message>
        <source>Nothing here yet. Drag conversations onto the folder, or use their menu.</source>
        <translation>这里还没有内容。可将对话拖到文件夹上，或使用对话的菜单。</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>The bin is empty. What you delete is kept here for 30 days.</source>
        <translation>回收站是空的。删除的内容会在此保留 30 天。</translation>
    </message>
    <message>
        <source>This can’t be undone.</source>
        <translation>此操作无法撤销。</translation>
    </message>
    <message>
        <source>What you archive stays out of the way here, and search still finds it.</source>
        <translation>归档的对话会收在这里，仍可搜索到。</translation>
    </message>
</context>
<context>
    <name>Spelling</name>
    <message>
        <source>Add to the dictionary</source>
        <translation>添加到词典</translation>
    </message>
    <message>
        <source>Ignore</source>
        <extracomment>What is done: no longer mark a word</extracomment>
        <translation>忽略</translation>
    </message>
    <message>
        <source>No suggestions</source>
        <translation>无建议</translation>
    </message>
</context>
<context>
    <name>SpellingCard</name>
    <message>
        <source>Looking for dictionaries…</source>
        <translation>正在查找词典…</translation>
    </message>
    <message>
        <source>Mark words that no dictionary knows</source>
        <translation>标出词典中没有的词</translation>
    </message>
    <message>
        <source>Spelling</source>
        <translation>拼写</translation>
    </message>
    <message>
        <source>This system has no dictionary that Weir can use. On Linux it is Enchant 2 with one for Hunspell, for instance libenchant-2-2 and hunspell-en-us on Debian and Ubuntu.</source>
        <translation>此系统没有 Weir 可用的词典。在 Linux 上需要 Enchant 2 和 Hunspell 词典，例如 Debian 和 Ubuntu 上的 libenchant-2-2 和 hunspell-en-us。</translation>
    </message>
    <message>
        <source>With this system’s dictionaries: {names}. Nothing leaves this computer.</source>
        <translation>使用此系统的词典：{names}。没有任何内容离开这台电脑。</translation>
    </message>
</context>
<context>
    <name>Store</name>
    <message>
        <source>"POST", "PUT" or "GET"</source>
        <translation>"POST"、"PUT" 或 "GET"</translation>
    </message>
    <message>
        <source>"system", "none" or an address like http://proxy.example:8080</source>
        <translation>"system"、"none" 或形如 http://proxy.example:8080 的地址</translation>
    </message>
    <message>
        <source>An older Weir is running with this history. Close it, then start this one again.</source>
        <translation>较旧的 Weir 正在使用此历史记录。请先关闭它，再重新启动本程序。</translation>
    </message>
    <message>
        <source>Another Weir has been writing to the history for too long. Close it, then try again.</source>
        <translation>另一个 Weir 写入历史记录的时间过长。请关闭它，然后重试。</translation>
    </message>
    <message>
        <source>Another Weir is preparing the history. Wait for it, then try again.</source>
        <translation>另一个 Weir 正在准备历史记录。请等待其完成，然后重试。</translation>
    </message>
    <message>
        <source>Another program holds the history. Close that program, then try again.</source>
        <translation>历史记录被另一个程序占用。请关闭该程序，然后重试。</translation>
    </message>
    <message>
        <source>Here stands only the name of the key in the keyring.</source>
        <translation>这里只写密钥在密钥环中的名称。</translation>
    </message>
    <message>
        <source>The disk did not do what was asked of it. Check its free space and its health, then try again.</source>
        <translation>磁盘未能完成操作。请检查可用空间和磁盘状况，然后重试。</translation>
    </message>
    <message>
        <source>The disk is full. Make room on it, then try again.</source>
        <translation>磁盘已满。请腾出空间，然后重试。</translation>
    </message>
    <message>
        <source>The file could not be written: {why}.</source>
        <translation>文件无法写入：{why}。</translation>
    </message>
    <message>
        <source>The file where Weir keeps its history belongs to another program. It has not been touched. Move it elsewhere, or start Weir with another data folder.</source>
        <translation>Weir 存放历史记录的文件属于另一个程序，未作任何改动。请将其移到别处，或让 Weir 使用其他数据文件夹启动。</translation>
    </message>
    <message>
        <source>The history can't be opened or changed. Check the permissions of Weir's data folder.</source>
        <translation>历史记录无法打开或更改。请检查 Weir 数据文件夹的权限。</translation>
    </message>
    <message>
        <source>The history file is damaged. Start Weir again: the damaged file is then set aside and kept.</source>
        <translation>历史记录文件已损坏。请重新启动 Weir：损坏的文件会另存保留。</translation>
    </message>
    <message>
        <source>There is no file {name}.</source>
        <translation>没有文件 {name}。</translation>
    </message>
    <message>
        <source>This conversation is no longer in the history.</source>
        <translation>历史记录中已没有此对话。</translation>
    </message>
    <message>
        <source>This history was written by a newer version of Weir. It has not been touched. Install the newer version to open it.</source>
        <translation>此历史记录由较新版本的 Weir 写入，未作任何改动。请安装该版本后再打开。</translation>
    </message>
    <message>
        <source>This is too large to be saved.</source>
        <translation>内容过大，无法保存。</translation>
    </message>
    <message>
        <source>Too many nested values</source>
        <translation>值的嵌套层次过多</translation>
    </message>
    <message>
        <source>Weir is closing; the history can't be read.</source>
        <translation>Weir 正在关闭，无法读取历史记录。</translation>
    </message>
    <message>
        <source>Weir is closing; this was not saved.</source>
        <translation>Weir 正在关闭，此内容未保存。</translation>
    </message>
    <message>
        <source>Weir is running with this history. Close it first, then try again.</source>
        <translation>Weir 正在使用此历史记录。请先关闭它，然后重试。</translation>
    </message>
    <message>
        <source>Weir made a mistake while it used the history. The log has the details.</source>
        <translation>Weir 使用历史记录时出错。详情见日志。</translation>
    </message>
    <message>
        <source>a JSON object in quotation marks</source>
        <translation>引号中的 JSON 对象</translation>
    </message>
    <message>
        <source>a JSON pointer, like /data/text</source>
        <translation>JSON 指针，例如 /data/text</translation>
    </message>
    <message>
        <source>a list of texts, like ["one", "two"]</source>
        <translation>文本列表，例如 ["one", "two"]</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>数字</translation>
    </message>
    <message>
        <source>a number of seconds from {least} to {most}</source>
        <translation>{least} 到 {most} 之间的秒数</translation>
    </message>
    <message>
        <source>a table, like [endpoint.body]</source>
        <translation>表，例如 [endpoint.body]</translation>
    </message>
    <message>
        <source>a table, like [endpoint.headers]</source>
        <translation>表，例如 [endpoint.headers]</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>an endpoint needs a name: add name = "…".</source>
        <translation>端点需要名称：请添加 name = "…"。</translation>
    </message>
    <message>
        <source>another endpoint has the id “{id}” already. Give this one another id.</source>
        <translation>已有端点使用 id“{id}”。请为此端点换一个 id。</translation>
    </message>
    <message>
        <source>another one has the id “{id}” already. Give this one another id.</source>
        <translation>已有其他项目使用 id“{id}”。请为此项换一个 id。</translation>
    </message>
    <message>
        <source>each begins with [[{kind}]], in double brackets.</source>
        <translation>每一项都以双方括号 [[{kind}]] 开头。</translation>
    </message>
    <message>
        <source>endpoints begin with [[endpoint]], in double brackets.</source>
        <translation>端点以双方括号 [[endpoint]] 开头。</translation>
    </message>
    <message>
        <source>it can't be read ({reason}). Check its permissions.</source>
        <translation>无法读取（{reason}）。请检查其权限。</translation>
    </message>
    <message>
        <source>it can't be written ({reason}). Check the free space and the folder's permissions.</source>
        <translation>无法写入（{reason}）。请检查可用空间和文件夹权限。</translation>
    </message>
    <message>
        <source>it holds text that is not Unicode</source>
        <translation>其中有不是 Unicode 的文本</translation>
    </message>
    <message>
        <source>it needs a name: add name = "…".</source>
        <translation>需要名称：请添加 name = "…"。</translation>
    </message>
    <message>
        <source>one of {names}</source>
        <translation>下列之一：{names}</translation>
    </message>
    <message>
        <source>text in quotation marks</source>
        <translation>引号中的文本</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>磁盘未给出原因</translation>
    </message>
    <message>
        <source>the endpoints can't be written as TOML. Nothing was changed.</source>
        <translation>端点无法写成 TOML。未作任何更改。</translation>
    </message>
    <message>
        <source>the header “{name}” has to be text in quotation marks.</source>
        <translation>请求头“{name}”须为引号中的文本。</translation>
    </message>
    <message>
        <source>the name of a key in the keyring, in quotation marks</source>
        <translation>引号中的密钥名称（密钥环中的名称）</translation>
    </message>
    <message>
        <source>the name of an entry in the keyring, in quotation marks</source>
        <translation>引号中的密钥环条目名称</translation>
    </message>
    <message>
        <source>the path of a file, in quotation marks</source>
        <translation>引号中的文件路径</translation>
    </message>
    <message>
        <source>this can't be written as TOML. Nothing was changed.</source>
        <translation>此内容无法写成 TOML。未作任何更改。</translation>
    </message>
    <message>
        <source>this is not UTF-8 text. Save the file as UTF-8, then try again.</source>
        <translation>这不是 UTF-8 文本。请将文件保存为 UTF-8，然后重试。</translation>
    </message>
    <message>
        <source>this is not valid TOML ({reason}). Correct the line, then try again; nothing was changed.</source>
        <translation>这不是有效的 TOML（{reason}）。请更正该行，然后重试；未作任何更改。</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true 或 false</translation>
    </message>
    <message>
        <source>two endpoints have the same id. Nothing was changed.</source>
        <translation>两个端点的 id 相同。未作任何更改。</translation>
    </message>
    <message>
        <source>{file}, line {line}: {words}</source>
        <translation>{file}，第 {line} 行：{words}</translation>
    </message>
    <message>
        <source>{file}: {words}</source>
        <translation>{file}：{words}</translation>
    </message>
    <message>
        <source>“body_json” has to be a JSON object in quotation marks.</source>
        <translation>“body_json”须为引号中的 JSON 对象。</translation>
    </message>
    <message>
        <source>“{name}” has to be {words}.</source>
        <translation>“{name}”须为：{words}。</translation>
    </message>
    <message>
        <source>“{name}” looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints.</source>
        <translation>“{name}”看起来是机密信息。密钥应存放在系统密钥环中：请从这里删去，并在“设置 › 端点”中添加密钥。</translation>
    </message>
    <message>
        <source>“{name}” of {endpoint} looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints. Nothing was changed.</source>
        <translation>{endpoint} 的“{name}”看起来是机密信息。密钥应存放在系统密钥环中：请从这里删去，并在“设置 › 端点”中添加密钥。未作任何更改。</translation>
    </message>
</context>
<context>
    <name>Suggestions</name>
    <message>
        <source>Suggestions</source>
        <translation>建议</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>There is no summary, and nothing was sent.</source>
        <translation>没有生成总结，也没有发送任何内容。</translation>
    </message>
</context>
<context>
    <name>Telling</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted.</source>
        <translation>
            <numerusform>已删除 %n 个对话。</numerusform>
        </translation>
    </message>
    <message>
        <source>A reply has come in “{title}”.</source>
        <translation>“{title}”有新回复。</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>显示报告</translation>
    </message>
    <message>
        <source>Something went wrong in Weir last time. A report of it is on this computer; it was sent nowhere.</source>
        <translation>Weir 上次运行时出现问题。报告保存在这台电脑上，未发往任何地方。</translation>
    </message>
    <message>
        <source>The endpoint “{name}” was removed.</source>
        <translation>已移除端点“{name}”。</translation>
    </message>
    <message>
        <source>The folder “{name}” was deleted. What was in it is kept.</source>
        <translation>已删除文件夹“{name}”，其中的内容均已保留。</translation>
    </message>
    <message>
        <source>The reply in “{title}” failed.</source>
        <translation>“{title}”中的回复失败。</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. Keys are kept for this run only.</source>
        <translation>这台电脑没有 Weir 可用的密钥环。密钥只在本次运行期间保留。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>{endpoint}: {key}.</source>
        <translation>{endpoint}：{key}。</translation>
    </message>
    <message>
        <source>“{title}” was deleted.</source>
        <translation>已删除“{title}”。</translation>
    </message>
</context>
<context>
    <name>TimeFields</name>
    <message>
        <source>For a connection</source>
        <translation>建立连接</translation>
    </message>
    <message>
        <source>For the first words</source>
        <translation>首批文字</translation>
    </message>
    <message>
        <source>In a silence after them</source>
        <translation>其后的静默</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>秒</translation>
    </message>
    <message>
        <source>s, from {least} to {most}</source>
        <extracomment>After a field for seconds: the unit, and what may stand in it</extracomment>
        <translation>秒，{least} 到 {most}</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message numerus="yes">
        <source>%n column(s)</source>
        <translation>
            <numerusform>%n 列</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more sentence(s) to read</source>
        <translation>
            <numerusform>还有 %n 句未读</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new word(s)</source>
        <translation>
            <numerusform>新增 %n 个词</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n 个 token</numerusform>
        </translation>
    </message>
    <message>
        <source>Actions of: {message}</source>
        <translation>操作：{message}</translation>
    </message>
    <message>
        <source>Can’t be shown: {reason}</source>
        <translation>无法显示：{reason}</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>关闭查找</translation>
    </message>
    <message>
        <source>Code block</source>
        <translation>代码块</translation>
    </message>
    <message>
        <source>Compare replies</source>
        <translation>比较回复</translation>
    </message>
    <message>
        <source>Continue</source>
        <extracomment>Have the model write on from where it stopped</extracomment>
        <translation>继续</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Copied</source>
        <extracomment>Said once a text is on the clipboard</extracomment>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy as plain text</source>
        <translation>复制为纯文本</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>复制代码</translation>
    </message>
    <message>
        <source>Copy link address</source>
        <translation>复制链接地址</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>复制消息</translation>
    </message>
    <message>
        <source>Copy message as plain text</source>
        <translation>将消息复制为纯文本</translation>
    </message>
    <message>
        <source>Copy message as rich text</source>
        <translation>将消息复制为富文本</translation>
    </message>
    <message>
        <source>Copy message with its reasoning</source>
        <translation>复制消息及其推理</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Edit</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>编辑</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>未命名文件</translation>
    </message>
    <message>
        <source>Find in the conversation</source>
        <translation>在对话中查找</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>Fork from here</source>
        <extracomment>Go on from this message in a conversation of its own</extracomment>
        <translation>从此处另开对话</translation>
    </message>
    <message>
        <source>Go to the end</source>
        <translation>转到末尾</translation>
    </message>
    <message>
        <source>Go to this message</source>
        <translation>转到此消息</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>隐藏</translation>
    </message>
    <message>
        <source>In this message</source>
        <translation>此消息中</translation>
    </message>
    <message>
        <source>Inspect the stream</source>
        <translation>检查流</translation>
    </message>
    <message>
        <source>Instructions</source>
        <extracomment>Over a message: who wrote it</extracomment>
        <translation>指令</translation>
    </message>
    <message>
        <source>Interrupted when Weir ended</source>
        <translation>Weir 退出时中断</translation>
    </message>
    <message>
        <source>It asks to wait {time}.</source>
        <translation>它要求等待 {time}。</translation>
    </message>
    <message>
        <source>Line across the page</source>
        <translation>分隔线</translation>
    </message>
    <message numerus="yes">
        <source>List of %n item(s)</source>
        <translation>
            <numerusform>%n 项的列表</numerusform>
        </translation>
    </message>
    <message>
        <source>Load from {host}</source>
        <translation>从 {host} 加载</translation>
    </message>
    <message>
        <source>Load picture</source>
        <translation>加载图片</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>Message actions</source>
        <translation>消息操作</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>更多操作</translation>
    </message>
    <message>
        <source>New text</source>
        <translation>新内容</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>下一个匹配</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>下一个版本</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>无匹配</translation>
    </message>
    <message>
        <source>Note {mark}</source>
        <translation>注 {mark}</translation>
    </message>
    <message>
        <source>Of what is above this line the model sees only a summary</source>
        <translation>此线以上的内容，模型只能看到总结</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>打开链接</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>打开设置</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Picture that can’t be shown</source>
        <translation>无法显示的图片</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>上一个匹配</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>上一个版本</translation>
    </message>
    <message>
        <source>Quote</source>
        <translation>引用</translation>
    </message>
    <message>
        <source>Reply</source>
        <extracomment>Over a message whose model is not known</extracomment>
        <translation>回复</translation>
    </message>
    <message>
        <source>Reply finished</source>
        <translation>回复已完成</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save code</source>
        <translation>保存代码</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message numerus="yes">
        <source>Show all %n line(s)</source>
        <translation>
            <numerusform>显示全部 %n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>收起</translation>
    </message>
    <message>
        <source>Stopped</source>
        <extracomment>Under a reply that the user stopped</extracomment>
        <translation>已停止</translation>
    </message>
    <message numerus="yes">
        <source>Summary of %n message(s)</source>
        <translation>
            <numerusform>%n 条消息的总结</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Summary without the %n oldest message(s)</source>
        <translation>
            <numerusform>总结，不含最早的 %n 条消息</numerusform>
        </translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>模型拒绝回答</translation>
    </message>
    <message>
        <source>The model no longer sees what is above this line</source>
        <translation>模型不再看到此线以上的内容</translation>
    </message>
    <message>
        <source>The reply failed.</source>
        <translation>回复失败。</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>正在思考…</translation>
    </message>
    <message>
        <source>Thought for {time}</source>
        <translation>思考了 {time}</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <extracomment>Over the reasoning of a model</extracomment>
        <translation>思考过程</translation>
    </message>
    <message>
        <source>Tool call: {name}</source>
        <translation>工具调用：{name}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Try again with…</source>
        <translation>换模型重试…</translation>
    </message>
    <message>
        <source>Unwrap</source>
        <extracomment>What is done, on a button: lines of code are not broken where the room ends, or are</extracomment>
        <translation>取消换行</translation>
    </message>
    <message>
        <source>Version {number} of {count}</source>
        <translation>版本 {number}/{count}</translation>
    </message>
    <message>
        <source>Waiting for the first word…</source>
        <translation>等待首批文字…</translation>
    </message>
    <message>
        <source>Wrap</source>
        <translation>自动换行</translation>
    </message>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>can’t be shown here</source>
        <translation>无法在此显示</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>首个 token {time}</translation>
    </message>
    <message>
        <source>not a picture</source>
        <translation>不是图片</translation>
    </message>
    <message>
        <source>text</source>
        <extracomment>The language of a code block that names none</extracomment>
        <translation>文本</translation>
    </message>
    <message>
        <source>{day}, {time}</source>
        <translation>{day} {time}</translation>
    </message>
    <message>
        <source>{place} of {count}</source>
        <extracomment>Which match of how many: 3 of 12</extracomment>
        <translation>{place}/{count}</translation>
    </message>
    <message>
        <source>{speed} tok/s</source>
        <extracomment>Tokens per second, in short</extracomment>
        <translation>{speed} tok/s</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more row(s)</source>
        <translation>
            <numerusform>… 还有 %n 行</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TitleField</name>
    <message>
        <source>Title of the conversation</source>
        <translation>对话标题</translation>
    </message>
</context>
<context>
    <name>Transfer</name>
    <message numerus="yes">
        <source>%n conversation(s) came in from the file.</source>
        <translation>
            <numerusform>已从文件导入 %n 个对话。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) came in from {source}.</source>
        <translation>
            <numerusform>已从 {source} 导入 %n 个对话。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) or file(s) are not in the export and are shown by their names.</source>
        <translation>
            <numerusform>导出文件中缺少 %n 个图片或文件，以其名称代替。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n that were here got new messages.</source>
        <translation>
            <numerusform>%n 个已有对话增加了新消息。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were left out.</source>
        <translation>
            <numerusform>略去了 %n 项。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <translation>
            <numerusform>%n 项已存在。</numerusform>
        </translation>
    </message>
    <message>
        <source>It was cancelled before its end; what had come in stays.</source>
        <translation>操作中途取消；已导入的内容会保留。</translation>
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
        <translation>网页 (HTML)</translation>
    </message>
    <message>
        <source>Weir archive (JSON)</source>
        <translation>Weir 归档 (JSON)</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more.</source>
        <translation>
            <numerusform>… 还有 %n 项。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TransferDoor</name>
    <message numerus="yes">
        <source>%n conversation(s) are back.</source>
        <translation>
            <numerusform>已恢复 %n 个对话。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) could not be read.</source>
        <translation>
            <numerusform>%n 个对话无法读取。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) were saved as {name}.</source>
        <translation>
            <numerusform>已将 %n 个对话保存为 {name}。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) could not be read.</source>
        <translation>
            <numerusform>%n 项无法读取。</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>复制为文本</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Export conversations</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>Exports and archives (*.zip *.json *.weir *.db)</source>
        <translation>导出文件和归档 (*.zip *.json *.weir *.db)</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>The conversation was copied.</source>
        <translation>已复制对话。</translation>
    </message>
    <message>
        <source>The conversation was saved as {name}.</source>
        <translation>已将对话保存为 {name}。</translation>
    </message>
    <message>
        <source>The history was damaged. It was set aside whole as {name}. What the newest good backup has and what can still be read can be brought back.</source>
        <translation>历史记录已损坏，并已完整另存为 {name}。最新的完好备份以及仍可读取的内容都可以恢复。</translation>
    </message>
    <message>
        <source>Weir conversations</source>
        <translation>Weir 对话</translation>
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
        <translation>正在恢复对话</translation>
    </message>
    <message>
        <source>Bringing conversations in</source>
        <translation>正在导入对话</translation>
    </message>
    <message>
        <source>Saving conversations</source>
        <translation>正在保存对话</translation>
    </message>
    <message>
        <source>The export was cancelled; no file was written.</source>
        <translation>已取消导出，未写入文件。</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>快速提问</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Show or hide Weir</source>
        <translation>显示或隐藏 Weir</translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n 个模型</numerusform>
        </translation>
    </message>
    <message>
        <source>Asking {host}…</source>
        <translation>正在询问 {host}…</translation>
    </message>
    <message>
        <source>Connected to {address}</source>
        <translation>已连接到 {address}</translation>
    </message>
    <message>
        <source>Connecting to {address}…</source>
        <translation>正在连接 {address}…</translation>
    </message>
    <message>
        <source>It says: “{words}”</source>
        <translation>返回信息：“{words}”</translation>
    </message>
    <message>
        <source>Looking up {host}…</source>
        <translation>正在查询 {host}…</translation>
    </message>
    <message>
        <source>Not encrypted: the address begins with http://</source>
        <translation>未加密：地址以 http:// 开头</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted</source>
        <translation>连接安全，证书受信任</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted ({version})</source>
        <extracomment>{version} is the protocol, such as TLS 1.3</extracomment>
        <translation>连接安全，证书受信任（{version}）</translation>
    </message>
    <message>
        <source>Securing the connection…</source>
        <translation>正在建立安全连接…</translation>
    </message>
    <message>
        <source>The key was accepted</source>
        <translation>密钥已被接受</translation>
    </message>
    <message>
        <source>The models are listed without a key too; the first prompt shows whether it is right</source>
        <translation>没有密钥也能列出模型；密钥是否正确，要到发送第一条提示词时才知道</translation>
    </message>
    <message>
        <source>The proxy {proxy} lets it through</source>
        <translation>代理 {proxy} 已放行</translation>
    </message>
    <message>
        <source>Through the proxy {proxy}…</source>
        <translation>正在通过代理 {proxy}…</translation>
    </message>
    <message>
        <source>Waiting for the answer…</source>
        <translation>正在等待响应…</translation>
    </message>
    <message>
        <source>{host} is {address}</source>
        <translation>{host} 的地址是 {address}</translation>
    </message>
    <message numerus="yes">
        <source>{host} is {address} and %n more</source>
        <extracomment>A name and the addresses it stands for: how many there are besides the one that is named</extracomment>
        <translation>
            <numerusform>{host} 的地址是 {address}，另有 %n 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TuneButton</name>
    <message>
        <source>Options of this conversation</source>
        <translation>此对话的选项</translation>
    </message>
    <message numerus="yes">
        <source>Options of this conversation: %n set</source>
        <translation>
            <numerusform>此对话的选项：已设置 %n 项</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Turn</name>
    <message>
        <source>Reading the prompt</source>
        <translation>正在读取提示词</translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation>正在重试</translation>
    </message>
    <message>
        <source>Trying again in {seconds} s</source>
        <translation>{seconds} 秒后重试</translation>
    </message>
</context>
<context>
    <name>UpdatesCard</name>
    <message>
        <source>Asking…</source>
        <extracomment>While the newest version is asked for</extracomment>
        <translation>正在查询…</translation>
    </message>
    <message>
        <source>Check for updates</source>
        <translation>检查更新</translation>
    </message>
    <message>
        <source>Check once a day when Weir starts</source>
        <translation>启动 Weir 时检查，每天一次</translation>
    </message>
    <message>
        <source>It was not made from a published release, so it does not know where newer ones would be.</source>
        <translation>此版本并非由公开发布的版本制作，因此不知道到哪里查找更新。</translation>
    </message>
    <message>
        <source>Nothing is asked until you press the button.</source>
        <translation>按下按钮之前不会发出任何查询。</translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation>打开其页面</translation>
    </message>
    <message>
        <source>The list of releases can’t be reached. You may be offline; try again when you are not.</source>
        <translation>无法访问发布列表。可能处于离线状态；联网后请重试。</translation>
    </message>
    <message>
        <source>The list of releases does not say what the newest version is. Try again later.</source>
        <translation>发布列表未说明最新版本。请稍后重试。</translation>
    </message>
    <message>
        <source>There is no newer one.</source>
        <translation>没有更新的版本。</translation>
    </message>
    <message>
        <source>This is Weir {version}.</source>
        <translation>这是 Weir {version}。</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Version {version} is there. Conversations and settings stay as they are.</source>
        <translation>已有 {version} 版。对话和设置保持不变。</translation>
    </message>
    <message>
        <source>{host} can’t be reached. You may be offline; try again when you are not.</source>
        <translation>无法访问 {host}。可能处于离线状态；联网后请重试。</translation>
    </message>
    <message>
        <source>{host} did not say what the newest version is. Try again later.</source>
        <translation>{host} 未说明最新版本。请稍后重试。</translation>
    </message>
</context>
<context>
    <name>Usage</name>
    <message numerus="yes">
        <source>%n of them in the bin</source>
        <translation>
            <numerusform>其中 %n 个在回收站</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies came without any counts, for instance from other programs, and are left out.</source>
        <translation>
            <numerusform>%n 条回复不带任何计数，例如来自其他程序的回复，未计入。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies have no price</source>
        <translation>
            <numerusform>%n 条回复没有价格</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s) were saved as {name}.</source>
        <translation>
            <numerusform>已将 %n 行保存为 {name}。</numerusform>
        </translation>
    </message>
    <message>
        <source>(without a name)</source>
        <translation>（无名称）</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 天</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7 天</translation>
    </message>
    <message>
        <source>90 days</source>
        <translation>90 天</translation>
    </message>
    <message>
        <source>&lt;{amount}</source>
        <extracomment>Less than an amount of money</extracomment>
        <translation>&lt;{amount}</translation>
    </message>
    <message>
        <source>A year</source>
        <translation>一年</translation>
    </message>
    <message>
        <source>All</source>
        <extracomment>A period: all the time</extracomment>
        <translation>全部</translation>
    </message>
    <message>
        <source>All endpoints</source>
        <translation>所有端点</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>As CSV, with the conversations’ titles…</source>
        <translation>存为 CSV，含对话标题…</translation>
    </message>
    <message>
        <source>As CSV…</source>
        <translation>存为 CSV…</translation>
    </message>
    <message>
        <source>Cached</source>
        <extracomment>Over a column: tokens that came from a cache</extracomment>
        <translation>缓存</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>逗号分隔值 (*.csv)</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>费用</translation>
    </message>
    <message>
        <source>Counted is what services stated, in US dollars, at list price where they state no cost. What has no price, such as models on this computer, adds nothing to the cost.</source>
        <translation>统计以服务报告的数据为准，单位为美元；服务未报告费用时按标价计算。没有价格的，例如这台电脑上的模型，不计入费用。</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <extracomment>Over a column, and a choice in the usage window: which endpoint was asked</extracomment>
        <translation>端点</translation>
    </message>
    <message>
        <source>Export usage</source>
        <translation>导出用量</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>首个 token</translation>
    </message>
    <message>
        <source>In</source>
        <extracomment>Tokens in, over a column</extracomment>
        <translation>输入</translation>
    </message>
    <message>
        <source>Model</source>
        <extracomment>Over a column, and a choice in the usage window: which model was asked</extracomment>
        <translation>模型</translation>
    </message>
    <message>
        <source>Models: {names}</source>
        <translation>模型：{names}</translation>
    </message>
    <message>
        <source>Nothing in this time</source>
        <translation>此期间没有数据</translation>
    </message>
    <message>
        <source>Others</source>
        <extracomment>In a legend: the models that have no colour of their own</extracomment>
        <translation>其他</translation>
    </message>
    <message>
        <source>Out</source>
        <extracomment>Tokens out, over a column</extracomment>
        <translation>输出</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>推理</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>回复</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>The arrow keys go through it; the table has every number.</source>
        <translation>用方向键可逐项查看；表格中有全部数字。</translation>
    </message>
    <message>
        <source>Time to first token</source>
        <translation>首个 token 用时</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>输入 token</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>输出 token</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>每秒 token 数</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>用量</translation>
    </message>
    <message>
        <source>Usage as a table</source>
        <translation>用量表格</translation>
    </message>
    <message>
        <source>Week from {day}</source>
        <translation>{day}起的一周</translation>
    </message>
    <message>
        <source>What is in the bin counts, what was deleted for good no longer does. Summaries of long conversations count as replies; titles that the model wrote are not counted.</source>
        <translation>回收站中的内容计入统计，永久删除的不再计入。长对话的总结算作回复；由模型拟定的标题不计入。</translation>
    </message>
    <message>
        <source>When</source>
        <extracomment>Over a column: the day, the week or the month</extracomment>
        <translation>时间</translation>
    </message>
    <message>
        <source>in and out</source>
        <translation>输入和输出</translation>
    </message>
    <message>
        <source>mean per day</source>
        <translation>日均</translation>
    </message>
    <message>
        <source>mean per month</source>
        <translation>月均</translation>
    </message>
    <message>
        <source>mean per week</source>
        <translation>周均</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>on average</source>
        <translation>平均</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a cost</extracomment>
        <translation>未知</translation>
    </message>
    <message>
        <source>{count} for reasoning</source>
        <extracomment>{count} is a number of tokens in short: 3.2k</extracomment>
        <translation>{count} 用于推理</translation>
    </message>
    <message>
        <source>{model} {value}</source>
        <extracomment>A model and what was used of it: gpt-5 1,234</extracomment>
        <translation>{model} {value}</translation>
    </message>
    <message>
        <source>{name} per day</source>
        <translation>每日{name}</translation>
    </message>
    <message>
        <source>{name} per month</source>
        <translation>每月{name}</translation>
    </message>
    <message>
        <source>{name} per week</source>
        <translation>每周{name}</translation>
    </message>
    <message numerus="yes">
        <source>{name}, %n step(s) from {first} to {last}. Highest: {title}, {top}.</source>
        <translation>
            <numerusform>{name}，从 {first} 到 {last} 共 %n 段。最高：{title}，{top}。</numerusform>
        </translation>
    </message>
    <message>
        <source>{name}: nothing in this time.</source>
        <translation>{name}：此期间没有数据。</translation>
    </message>
    <message>
        <source>{share} of it from a cache</source>
        <translation>其中 {share} 来自缓存</translation>
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
        <translation>费用</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>首个 token</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>输入 token</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>输出 token</translation>
    </message>
    <message>
        <source>Whole reply</source>
        <translation>完整回复</translation>
    </message>
    <message>
        <source>of them for reasoning</source>
        <translation>其中用于推理</translation>
    </message>
    <message>
        <source>of them from a cache</source>
        <translation>其中来自缓存</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a figure</extracomment>
        <translation>未知</translation>
    </message>
    <message>
        <source>{speed} tokens per second</source>
        <translation>每秒 {speed} 个 token</translation>
    </message>
</context>
<context>
    <name>Vault</name>
    <message>
        <source>The keyring</source>
        <translation>密钥环</translation>
    </message>
    <message>
        <source>The keyring is locked or did not answer. Unlock it, then try again.</source>
        <translation>密钥环已锁定或没有响应。请将其解锁，然后重试。</translation>
    </message>
    <message>
        <source>The keyring is not set up yet, or its question was dismissed. Open your system's password manager once to set it up, or keep the key for this run only.</source>
        <translation>密钥环尚未设置，或其询问被关闭。请打开一次系统的密码管理器进行设置，或仅在本次运行期间保留密钥。</translation>
    </message>
    <message>
        <source>The keyring set up for Python ({name}) can't be used. Correct that setting, or keep the key for this run only.</source>
        <translation>为 Python 设置的密钥环（{name}）无法使用。请更正该设置，或仅在本次运行期间保留密钥。</translation>
    </message>
    <message>
        <source>There is no key in this text. Paste the key as the service shows it.</source>
        <translation>这段文本中没有密钥。请按服务显示的样子粘贴密钥。</translation>
    </message>
    <message>
        <source>There is no keyring on this system to keep the key in. Install one, for instance GNOME Keyring or KWallet, or keep the key for this run only.</source>
        <translation>此系统没有可存放密钥的密钥环。请安装一个，例如 GNOME Keyring 或 KWallet，或仅在本次运行期间保留密钥。</translation>
    </message>
    <message>
        <source>This key is longer than {name} can keep. Check that only the key was pasted.</source>
        <translation>此密钥超出 {name} 可保存的长度。请检查是否只粘贴了密钥。</translation>
    </message>
    <message>
        <source>Weir is closing; the keyring is not asked any more.</source>
        <translation>Weir 正在关闭，不再访问密钥环。</translation>
    </message>
    <message>
        <source>{name} did not delete the key. Unlock it and try again, or delete it in your password manager.</source>
        <translation>{name} 未能删除密钥。请解锁后重试，或在密码管理器中删除。</translation>
    </message>
    <message>
        <source>{name} did not give the key. Unlock it and try again, or enter the key for this run only.</source>
        <translation>{name} 未能提供密钥。请解锁后重试，或输入仅用于本次运行的密钥。</translation>
    </message>
    <message>
        <source>{name} did not take the key. Unlock it and try again, or keep the key for this run only.</source>
        <translation>{name} 未能存入密钥。请解锁后重试，或仅在本次运行期间保留密钥。</translation>
    </message>
    <message>
        <source>{name} took the key but did not give it back, so it may not be stored. Try again, or keep the key for this run only.</source>
        <translation>{name} 接收了密钥，却未能读回，因此可能没有存好。请重试，或仅在本次运行期间保留密钥。</translation>
    </message>
</context>
<context>
    <name>Windows</name>
    <message>
        <source>Close the window</source>
        <translation>关闭窗口</translation>
    </message>
    <message>
        <source>New window</source>
        <translation>新建窗口</translation>
    </message>
    <message>
        <source>Open in a window of its own</source>
        <translation>在单独的窗口中打开</translation>
    </message>
    <message>
        <source>Open in new window</source>
        <translation>在新窗口中打开</translation>
    </message>
    <message>
        <source>new window detach</source>
        <translation>新窗口 独立 分离</translation>
    </message>
</context>
<context>
    <name>Wishes</name>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Read the conversations in “{name}” into your history? What is there stays as it is.</source>
        <translation>要将“{name}”中的对话读入历史记录吗？已有的内容保持不变。</translation>
    </message>
    <message>
        <source>Weir can't open “{name}”. It opens models (.gguf) and archives (.zip, .json, .weir, .db).</source>
        <translation>Weir 无法打开“{name}”。它可以打开模型（.gguf）和归档（.zip、.json、.weir、.db）。</translation>
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
        <translation>yyyy年M月</translation>
    </message>
    <message>
        <source>MMMM yyyy</source>
        <translation>yyyy年M月</translation>
    </message>
    <message>
        <source>d MMM</source>
        <translation>M月d日</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <extracomment>How a day is written, by Qt's QDate: d is the day, MMM the short name of the month, yyyy the year</extracomment>
        <translation>yyyy年M月d日</translation>
    </message>
    <message>
        <source>ddd d MMM yyyy</source>
        <extracomment>How a day is written, by Qt's QDate: ddd is the short name of the day of the week</extracomment>
        <translation>yyyy年M月d日 ddd</translation>
    </message>
    <message>
        <source>{before}, {after}</source>
        <extracomment>Joins short texts that are no sentence: a name, its size, its state</extracomment>
        <translation>{before}，{after}</translation>
    </message>
    <message>
        <source>{before}, {after}</source>
        <comment>a list</comment>
        <extracomment>Joins the names in a list</extracomment>
        <translation>{before}、{after}</translation>
    </message>
    <message>
        <source>{first} {next}</source>
        <extracomment>Two sentences one after the other; languages that write no space between them leave it out</extracomment>
        <translation>{first}{next}</translation>
    </message>
    <message>
        <source>{minutes} min {seconds} s</source>
        <extracomment>Minutes and seconds, in short</extracomment>
        <translation>{minutes} 分 {seconds} 秒</translation>
    </message>
    <message>
        <source>{name}: {value}</source>
        <extracomment>A value after its name, such as Cost: $0.12</extracomment>
        <translation>{name}：{value}</translation>
    </message>
    <message>
        <source>{number} ms</source>
        <extracomment>Milliseconds, in short</extracomment>
        <translation>{number} 毫秒</translation>
    </message>
    <message>
        <source>{number} s</source>
        <extracomment>Seconds, in short</extracomment>
        <translation>{number} 秒</translation>
    </message>
    <message>
        <source>{number} µs</source>
        <extracomment>Microseconds, in short</extracomment>
        <translation>{number} 微秒</translation>
    </message>
    <message>
        <source>{number}B</source>
        <comment>thousands of millions</comment>
        <translation>{number}B</translation>
    </message>
    <message>
        <source>{number}M</source>
        <comment>millions</comment>
        <translation>{number}M</translation>
    </message>
    <message>
        <source>{number}k</source>
        <comment>thousands</comment>
        <translation>{number}k</translation>
    </message>
    <message>
        <source>{number} %</source>
        <extracomment>A share in percent, such as 42 %</extracomment>
        <translation>{number}%</translation>
    </message>
</context>
<context>
    <name>WorkRow</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Cancel: {work}</source>
        <translation>取消：{work}</translation>
    </message>
    <message>
        <source>{work} – is being ended</source>
        <translation>{work} – 正在结束</translation>
    </message>
</context>
<context>
    <name>WorkStrip</name>
    <message>
        <source>What takes long</source>
        <translation>耗时的操作</translation>
    </message>
</context>
<context>
    <name>Works</name>
    <message>
        <source>Making today’s copy of the history</source>
        <translation>正在创建今天的历史记录副本</translation>
    </message>
    <message>
        <source>Opening and checking the history</source>
        <translation>正在打开并检查历史记录</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>还剩几秒</translation>
    </message>
    <message numerus="yes">
        <source>about %n h left</source>
        <translation>
            <numerusform>大约还剩 %n 小时</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n min left</source>
        <translation>
            <numerusform>大约还剩 %n 分钟</numerusform>
        </translation>
    </message>
    <message>
        <source>about a minute left</source>
        <translation>大约还剩一分钟</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>不到一分钟</translation>
    </message>
</context>
<context>
    <name>Writing</name>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
</context>
<context>
    <name>_Model</name>
    <message>
        <source>no keys</source>
        <translation>无快捷键</translation>
    </message>
</context>
<context>
    <name>_RowDelegate</name>
    <message>
        <source>{count} ×</source>
        <extracomment>How many times a model was chosen</extracomment>
        <translation>{count} 次</translation>
    </message>
</context>
</TS>
