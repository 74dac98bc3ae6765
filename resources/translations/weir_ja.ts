<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>Keys are kept in this computer’s keyring.</source>
        <translation>キーはこのコンピューターのキーリングに保存されます。</translation>
    </message>
    <message>
        <source>Keys are kept in {keyring}, under the name “weir”. They are in no file of Weir’s and in no log.</source>
        <translation>キーは{keyring}に「weir」という名前で保存されます。Weirのファイルやログには一切残りません。</translation>
    </message>
    <message>
        <source>SmolLM2 135M Instruct, the demo model</source>
        <translation>SmolLM2 135M Instruct（デモモデル）</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use, so keys are not stored. A key you enter is kept in memory and forgotten when Weir ends; one in an environment variable is used from there.</source>
        <translation>このコンピューターにはWeirで使えるキーリングがないため、キーは保存されません。入力したキーはメモリ上にだけ置かれ、Weirの終了とともに消えます。環境変数のキーはそこから使われます。</translation>
    </message>
    <message>
        <source>the prices of genai-prices</source>
        <translation>genai-pricesの価格データ</translation>
    </message>
    <message>
        <source>ziamath, ziafont, latex2mathml, with the font STIX Two Math</source>
        <translation>ziamath、ziafont、latex2mathml、フォントSTIX Two Math</translation>
    </message>
</context>
<context>
    <name>AboutPage</name>
    <message>
        <source>About</source>
        <translation>Weirについて</translation>
    </message>
    <message>
        <source>Conversations are in a database on this computer. What you send goes to the endpoint you chose and to nobody else. Weir has no account and no statistics, and asks nobody for updates unless you say so.</source>
        <translation>会話はこのコンピューター上のデータベースに保存されます。送信した内容は選んだエンドポイントにだけ届きます。Weirにはアカウントも統計の収集もなく、許可なく更新を問い合わせることもありません。</translation>
    </message>
    <message>
        <source>Made of</source>
        <extracomment>Over a list of what Weir is made of, and the licences</extracomment>
        <translation>構成要素</translation>
    </message>
    <message>
        <source>Weir itself is under the MIT License.</source>
        <translation>Weir本体はMITライセンスで提供されます。</translation>
    </message>
    <message>
        <source>Your data</source>
        <translation>データ</translation>
    </message>
    <message>
        <source>Your keys</source>
        <translation>キー</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Archive the conversation</source>
        <translation>会話をアーカイブ</translation>
    </message>
    <message>
        <source>Attach files…</source>
        <translation>ファイルを添付…</translation>
    </message>
    <message>
        <source>Cancel what takes long</source>
        <translation>時間のかかる処理をキャンセル</translation>
    </message>
    <message>
        <source>Change the last prompt</source>
        <translation>直前のプロンプトを変更</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>モデルを選択…</translation>
    </message>
    <message>
        <source>Colours like the system</source>
        <translation>システムに合わせた配色</translation>
    </message>
    <message>
        <source>Compare models…</source>
        <translation>モデルを比較…</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>会話</translation>
    </message>
    <message>
        <source>Dark colours</source>
        <translation>ダーク配色</translation>
    </message>
    <message>
        <source>Delete the conversation</source>
        <translation>会話を削除</translation>
    </message>
    <message>
        <source>Delete the message that has the keyboard</source>
        <translation>フォーカスのあるメッセージを削除</translation>
    </message>
    <message>
        <source>Delete what is chosen in the list</source>
        <translation>リストで選択した項目を削除</translation>
    </message>
    <message>
        <source>Do or open anything…</source>
        <translation>操作・項目を呼び出す…</translation>
    </message>
    <message>
        <source>Do what the newest notice offers, such as Undo</source>
        <translation>最新の通知の操作を実行（元に戻すなど）</translation>
    </message>
    <message>
        <source>Find in the conversation…</source>
        <translation>会話内を検索…</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>高コントラスト</translation>
    </message>
    <message>
        <source>Its next version</source>
        <translation>次のバージョン</translation>
    </message>
    <message>
        <source>Its version before</source>
        <translation>前のバージョン</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>キーボードショートカット</translation>
    </message>
    <message>
        <source>Keyboard to the next part of the window</source>
        <translation>ウィンドウの次の部分へフォーカスを移動</translation>
    </message>
    <message>
        <source>Keyboard to the part before</source>
        <translation>前の部分へフォーカスを移動</translation>
    </message>
    <message>
        <source>Larger text and controls</source>
        <translation>文字とコントロールを拡大</translation>
    </message>
    <message>
        <source>Light colours</source>
        <translation>ライト配色</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>次の会話</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>次の一致</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>標準のサイズ</translation>
    </message>
    <message>
        <source>Open conversation {number}</source>
        <translation>{number}番目の会話を開く</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>この会話のオプション</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>ピン留め</translation>
    </message>
    <message>
        <source>Pin the conversation</source>
        <translation>会話をピン留め</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>前の会話</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>前の一致</translation>
    </message>
    <message>
        <source>Program</source>
        <extracomment>A group of actions: those about Weir itself</extracomment>
        <translation>プログラム</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>終了</translation>
    </message>
    <message>
        <source>Reading</source>
        <extracomment>A group of actions: those about reading a conversation</extracomment>
        <translation>閲覧</translation>
    </message>
    <message>
        <source>Rename in the list</source>
        <translation>リスト内で名前を変更</translation>
    </message>
    <message>
        <source>Rename the conversation…</source>
        <translation>会話の名前を変更…</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>返答</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>すべてを検索</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>設定</translation>
    </message>
    <message>
        <source>Settings: About</source>
        <translation>設定：Weirについて</translation>
    </message>
    <message>
        <source>Settings: Appearance</source>
        <translation>設定：外観</translation>
    </message>
    <message>
        <source>Settings: Data</source>
        <translation>設定：データ</translation>
    </message>
    <message>
        <source>Settings: Endpoints</source>
        <translation>設定：エンドポイント</translation>
    </message>
    <message>
        <source>Settings: Keyboard</source>
        <translation>設定：キーボード</translation>
    </message>
    <message>
        <source>Settings: Network</source>
        <translation>設定：ネットワーク</translation>
    </message>
    <message>
        <source>Settings: On this computer</source>
        <translation>設定：このコンピューター</translation>
    </message>
    <message>
        <source>Settings: Personas</source>
        <translation>設定：ペルソナ</translation>
    </message>
    <message>
        <source>Settings: Prompts</source>
        <translation>設定：プロンプト</translation>
    </message>
    <message>
        <source>Shelf</source>
        <extracomment>A group of actions: those about the list of conversations</extracomment>
        <translation>会話リスト</translation>
    </message>
    <message>
        <source>Show or hide the folders</source>
        <translation>フォルダーの表示／非表示</translation>
    </message>
    <message>
        <source>Show or hide the shelf</source>
        <translation>会話リストの表示／非表示</translation>
    </message>
    <message>
        <source>Show or leave the archive</source>
        <translation>アーカイブを表示／閉じる</translation>
    </message>
    <message>
        <source>Show or leave the bin</source>
        <translation>ごみ箱を表示／閉じる</translation>
    </message>
    <message>
        <source>Show the last replies side by side</source>
        <translation>最新の返答を並べて表示</translation>
    </message>
    <message>
        <source>Smaller text and controls</source>
        <translation>文字とコントロールを縮小</translation>
    </message>
    <message>
        <source>Stop the reply</source>
        <translation>返答を停止</translation>
    </message>
    <message>
        <source>Try the last reply again</source>
        <translation>最後の返答をやり直す</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>ピン留め解除</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>使用量</translation>
    </message>
    <message>
        <source>View</source>
        <extracomment>A group of actions: how the window looks</extracomment>
        <translation>表示</translation>
    </message>
    <message>
        <source>Write a prompt</source>
        <translation>プロンプトを書く</translation>
    </message>
    <message>
        <source>Writing</source>
        <extracomment>A group of actions: those about writing a prompt</extracomment>
        <translation>入力</translation>
    </message>
    <message>
        <source>colours theme motion titles</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>色 配色 テーマ 動き アニメーション タイトル</translation>
    </message>
    <message>
        <source>compare</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>比較</translation>
    </message>
    <message>
        <source>conversation bin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>会話 ごみ箱</translation>
    </message>
    <message>
        <source>cost tokens statistics</source>
        <translation>費用 料金 コスト トークン 統計</translation>
    </message>
    <message>
        <source>exit</source>
        <translation>終了 閉じる</translation>
    </message>
    <message>
        <source>help keys</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>ヘルプ キー ショートカット</translation>
    </message>
    <message>
        <source>import export backup archive</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>インポート エクスポート バックアップ アーカイブ</translation>
    </message>
    <message>
        <source>import export stop</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>インポート エクスポート 停止 中止</translation>
    </message>
    <message>
        <source>local model GGUF</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>ローカル モデル GGUF</translation>
    </message>
    <message>
        <source>preferences</source>
        <translation>環境設定 オプション</translation>
    </message>
    <message>
        <source>prompt</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>プロンプト</translation>
    </message>
    <message>
        <source>proxy certificates timeout</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>プロキシ 証明書 タイムアウト</translation>
    </message>
    <message>
        <source>regenerate</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>再生成</translation>
    </message>
    <message>
        <source>services keys API</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>サービス キー API</translation>
    </message>
    <message>
        <source>shortcuts keys</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>ショートカット キー</translation>
    </message>
    <message>
        <source>side by side several</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>並べて 横並び 複数</translation>
    </message>
    <message>
        <source>sidebar</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>サイドバー</translation>
    </message>
    <message>
        <source>system prompt assistant role</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>システムプロンプト アシスタント 役割</translation>
    </message>
    <message>
        <source>system prompt temperature reasoning</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>システムプロンプト 温度 推論</translation>
    </message>
    <message>
        <source>templates snippets library slash</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>テンプレート 定型文 スニペット ライブラリ スラッシュ</translation>
    </message>
    <message>
        <source>theme appearance</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>テーマ 外観</translation>
    </message>
    <message>
        <source>title</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>タイトル 題名</translation>
    </message>
    <message>
        <source>unpin</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>ピン留め解除 ピン留めを外す</translation>
    </message>
    <message>
        <source>version updates licences where files</source>
        <extracomment>Other words to find the page by, not shown</extracomment>
        <translation>バージョン 更新 アップデート ライセンス 場所 ファイル</translation>
    </message>
    <message>
        <source>zoom</source>
        <extracomment>Other words to find an action by, not shown</extracomment>
        <translation>ズーム 拡大 縮小</translation>
    </message>
</context>
<context>
    <name>AppearancePage</name>
    <message>
        <source>Appearance</source>
        <translation>外観</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>配色</translation>
    </message>
    <message>
        <source>Dark</source>
        <comment>colours</comment>
        <translation>ダーク</translation>
    </message>
    <message>
        <source>Glide</source>
        <extracomment>A choice under Motion: what is shown glides to its place</extracomment>
        <translation>滑らか</translation>
    </message>
    <message>
        <source>Have a screen reader say the answer while it comes</source>
        <translation>届いた返答をスクリーンリーダーに順次読み上げさせる</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>高コントラスト</translation>
    </message>
    <message>
        <source>Keep the start of the answer at the top</source>
        <translation>返答の冒頭を上端に保つ</translation>
    </message>
    <message>
        <source>Let the model write them</source>
        <translation>モデルに付けさせる</translation>
    </message>
    <message>
        <source>Light</source>
        <comment>colours</comment>
        <translation>ライト</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>システムに合わせる</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>動き</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>標準のサイズ</translation>
    </message>
    <message>
        <source>Reduced: jump at once</source>
        <translation>抑える：すぐに切り替え</translation>
    </message>
    <message>
        <source>Size of text and controls</source>
        <translation>文字とコントロールのサイズ</translation>
    </message>
    <message>
        <source>The first question and its answer are then sent once more to the service that answered, which costs a few tokens. Without this the title is taken from the question.</source>
        <translation>最初の質問とその返答が、答えたサービスにもう一度送られます。トークンを少し消費します。オフの場合、タイトルは質問から付けられます。</translation>
    </message>
    <message>
        <source>There are keys for this, too; Keyboard lists them.</source>
        <translation>キーでも操作できます。「キーボード」に一覧があります。</translation>
    </message>
    <message>
        <source>Titles of conversations</source>
        <translation>会話のタイトル</translation>
    </message>
    <message>
        <source>While a reply comes</source>
        <translation>返答が届く間</translation>
    </message>
    <message>
        <source>Without this the end is followed until you scroll up.</source>
        <translation>オフの場合は、上へスクロールするまで末尾を追って表示します。</translation>
    </message>
</context>
<context>
    <name>Archive</name>
    <message>
        <source>A conversation</source>
        <translation>会話</translation>
    </message>
    <message>
        <source>A file</source>
        <translation>ファイル</translation>
    </message>
    <message>
        <source>A file in the zip is damaged. Download the export again.</source>
        <translation>zip内のファイルが壊れています。エクスポートをもう一度ダウンロードしてください。</translation>
    </message>
    <message>
        <source>Call of {name}</source>
        <translation>{name}の呼び出し</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>会話</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>会話</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失敗</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>名前のないファイル</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>指示</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>中断</translation>
    </message>
    <message>
        <source>It has something in it that can’t be read.</source>
        <translation>読み取れない内容が含まれています。</translation>
    </message>
    <message>
        <source>It has too many messages.</source>
        <translation>メッセージが多すぎます。</translation>
    </message>
    <message>
        <source>It is a link, not a file.</source>
        <translation>ファイルではなくリンクです。</translation>
    </message>
    <message>
        <source>It is encrypted.</source>
        <translation>暗号化されています。</translation>
    </message>
    <message>
        <source>It is nested too deeply.</source>
        <translation>入れ子が深すぎます。</translation>
    </message>
    <message>
        <source>It is no conversation of a program that Weir knows.</source>
        <translation>Weirが対応しているプログラムの会話ではありません。</translation>
    </message>
    <message>
        <source>It is no conversation.</source>
        <translation>会話ではありません。</translation>
    </message>
    <message>
        <source>It is not whole.</source>
        <translation>内容が欠けています。</translation>
    </message>
    <message>
        <source>It is packed in a way that no export uses.</source>
        <translation>エクスポートでは使われない方法で圧縮されています。</translation>
    </message>
    <message>
        <source>It is too large.</source>
        <translation>大きすぎます。</translation>
    </message>
    <message>
        <source>It was written by a newer version of Weir. Install that version to read it.</source>
        <translation>新しいバージョンのWeirで書かれています。読み込むには、そのバージョンをインストールしてください。</translation>
    </message>
    <message>
        <source>It would grow too large when it is unpacked.</source>
        <translation>展開すると大きくなりすぎます。</translation>
    </message>
    <message>
        <source>Its name leads out of the archive.</source>
        <translation>名前がアーカイブの外を指しています。</translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation>貼り付けたテキスト</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>画像</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>返答</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>The archive is too large to be an export.</source>
        <translation>エクスポートとしてはアーカイブが大きすぎます。</translation>
    </message>
    <message>
        <source>The file could not be read or written: {reason}.</source>
        <translation>ファイルを読み書きできませんでした：{reason}。</translation>
    </message>
    <message>
        <source>The file has a text in it that is too large to be one of a conversation.</source>
        <translation>会話の内容としては大きすぎるテキストがファイルに含まれています。</translation>
    </message>
    <message>
        <source>The file has something in it that is not JSON.</source>
        <translation>JSONではない内容がファイルに含まれています。</translation>
    </message>
    <message>
        <source>The file holds no conversations.</source>
        <translation>ファイルに会話がありません。</translation>
    </message>
    <message>
        <source>The file in the archive is damaged.</source>
        <translation>アーカイブ内のファイルが壊れています。</translation>
    </message>
    <message>
        <source>The file is not a whole zip file. Download it again.</source>
        <translation>zipファイルが不完全です。もう一度ダウンロードしてください。</translation>
    </message>
    <message>
        <source>The file is not whole, or it is not JSON.</source>
        <translation>ファイルが不完全か、JSONではありません。</translation>
    </message>
    <message>
        <source>The file is too large to come along.</source>
        <translation>ファイルが大きすぎるため、取り込めません。</translation>
    </message>
    <message>
        <source>The folder has too many files to be an export.</source>
        <translation>エクスポートとしてはフォルダー内のファイルが多すぎます。</translation>
    </message>
    <message>
        <source>The zip file claims more than it holds. It was not read.</source>
        <translation>zipファイルの記載が実際の内容を超えているため、読み込みませんでした。</translation>
    </message>
    <message>
        <source>The zip file has too many files to be an export.</source>
        <translation>エクスポートとしてはzip内のファイルが多すぎます。</translation>
    </message>
    <message>
        <source>There are no conversations in this file that Weir knows. It reads the exports of ChatGPT, Claude, Open WebUI and LibreChat, and its own.</source>
        <translation>このファイルにはWeirが対応している会話がありません。読み込めるのは、ChatGPT、Claude、Open WebUI、LibreChatのエクスポートと、Weirのアーカイブです。</translation>
    </message>
    <message>
        <source>There is another file of the same name.</source>
        <translation>同じ名前のファイルがあります。</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>そのようなファイルはありません。</translation>
    </message>
    <message>
        <source>There is nothing here that makes PDF files.</source>
        <translation>PDFファイルを作成する機能がここにはありません。</translation>
    </message>
    <message>
        <source>There is nothing in it.</source>
        <translation>中身がありません。</translation>
    </message>
    <message>
        <source>There was nothing that could be exported.</source>
        <translation>エクスポートできるものがありませんでした。</translation>
    </message>
    <message>
        <source>This can’t be written as pages.</source>
        <translation>ページとして書き出せません。</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>この会話はもうありません。</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>Weir made a mistake with this file. The log has the details.</source>
        <translation>Weirがこのファイルの処理に失敗しました。詳細はログにあります。</translation>
    </message>
    <message>
        <source>What {tool} said</source>
        <translation>{tool}の出力</translation>
    </message>
    <message>
        <source>You</source>
        <translation>あなた</translation>
    </message>
    <message>
        <source>a tool</source>
        <translation>ツール</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>不明</translation>
    </message>
    <message>
        <source>{ending}: {failure}</source>
        <translation>{ending}：{failure}</translation>
    </message>
    <message>
        <source>{name} (too large to come along)</source>
        <translation>{name}（大きすぎるため含まれません）</translation>
    </message>
    <message>
        <source>{why} Nothing came in.</source>
        <translation>{why}何も取り込まれませんでした。</translation>
    </message>
</context>
<context>
    <name>Arrivals</name>
    <message>
        <source>a new reply</source>
        <translation>新しい返答あり</translation>
    </message>
    <message>
        <source>a reply is coming</source>
        <translation>返答中</translation>
    </message>
    <message>
        <source>the reply failed</source>
        <translation>返答に失敗</translation>
    </message>
</context>
<context>
    <name>Attachment</name>
    <message>
        <source>it can't be read</source>
        <translation>読み取れません</translation>
    </message>
    <message>
        <source>“{name}” could not be read: {reason}.</source>
        <translation>「{name}」を読み取れませんでした：{reason}。</translation>
    </message>
    <message>
        <source>“{name}” is a document that Weir can't read. Save it as PDF or as text first.</source>
        <translation>「{name}」はWeirで読み取れない文書です。先にPDFかテキストとして保存してください。</translation>
    </message>
    <message>
        <source>“{name}” is a folder. Attach the files in it.</source>
        <translation>「{name}」はフォルダーです。中のファイルを添付してください。</translation>
    </message>
    <message>
        <source>“{name}” is damaged: it can't be read as a PDF.</source>
        <translation>「{name}」は壊れていて、PDFとして読み取れません。</translation>
    </message>
    <message>
        <source>“{name}” is empty.</source>
        <translation>「{name}」は空です。</translation>
    </message>
    <message>
        <source>“{name}” is locked with a password. Save a copy without one.</source>
        <translation>「{name}」はパスワードで保護されています。パスワードなしの複製を保存してください。</translation>
    </message>
    <message>
        <source>“{name}” is neither text, a PDF nor an image that Weir can send.</source>
        <translation>「{name}」は、Weirで送信できるテキスト、PDF、画像のいずれでもありません。</translation>
    </message>
    <message>
        <source>“{name}” is no ordinary file.</source>
        <translation>「{name}」は通常のファイルではありません。</translation>
    </message>
    <message numerus="yes">
        <source>“{name}” is too large to send ({size}). Files may have {most}, and texts %n letter(s).</source>
        <translation>
            <numerusform>「{name}」は大きすぎて送信できません（{size}）。上限はファイルが{most}、テキストが%n文字です。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message numerus="yes">
        <source>A prompt takes %n attachment(s) at most.</source>
        <translation>
            <numerusform>プロンプトに付けられる添付は%n件までです。</numerusform>
        </translation>
    </message>
    <message>
        <source>“{name}” could not be read.</source>
        <translation>「{name}」を読み取れませんでした。</translation>
    </message>
</context>
<context>
    <name>BuiltIn</name>
    <message>
        <source>Answer an e-mail</source>
        <translation>メールに返信</translation>
    </message>
    <message>
        <source>Brief</source>
        <translation>簡潔</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>編集者</translation>
    </message>
    <message>
        <source>Explain simply</source>
        <translation>やさしく説明</translation>
    </message>
    <message>
        <source>Programmer</source>
        <translation>プログラマー</translation>
    </message>
    <message>
        <source>Proofread</source>
        <translation>校正</translation>
    </message>
    <message>
        <source>Review code</source>
        <translation>コードレビュー</translation>
    </message>
    <message>
        <source>Summarise</source>
        <translation>要約</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>翻訳</translation>
    </message>
    <message>
        <source>Tutor</source>
        <translation>家庭教師</translation>
    </message>
</context>
<context>
    <name>BusNotices</name>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
</context>
<context>
    <name>CertificateField</name>
    <message>
        <source>All files (*)</source>
        <translation>すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>証明書 (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>選択…</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>証明書ファイル</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Preview</source>
        <extracomment>What stands beside the name of a file, for those who do not see it</extracomment>
        <translation>プレビュー</translation>
    </message>
    <message>
        <source>Put the pasted text into the prompt</source>
        <translation>貼り付けたテキストをプロンプトに入れる</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>読み取り中…</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>{name}を外す</translation>
    </message>
    <message>
        <source>Show</source>
        <comment>in the prompt</comment>
        <extracomment>On a button: put the pasted text into the prompt</extracomment>
        <translation>展開</translation>
    </message>
    <message>
        <source>{name}, being read</source>
        <translation>{name}、読み取り中</translation>
    </message>
    <message numerus="yes">
        <source>{size}, ≈ %n token(s)</source>
        <extracomment>An attachment, and about how many tokens it is</extracomment>
        <translation>
            <numerusform>{size}、≈ %nトークン</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Chips</name>
    <message>
        <source>Attachments</source>
        <translation>添付</translation>
    </message>
</context>
<context>
    <name>CodeFile</name>
    <message>
        <source>Save code</source>
        <translation>コードを保存</translation>
    </message>
    <message>
        <source>The file could not be written: {reason}.</source>
        <translation>ファイルを書き込めませんでした：{reason}。</translation>
    </message>
</context>
<context>
    <name>Column</name>
    <message>
        <source>Continue with the reply of {model}</source>
        <translation>{model}の返答で続ける</translation>
    </message>
    <message>
        <source>Continue with this reply</source>
        <translation>この返答で続ける</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>返答の数値</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>返答</translation>
    </message>
    <message>
        <source>Reply of {model}</source>
        <translation>{model}の返答</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop {model}</source>
        <translation>{model}を停止</translation>
    </message>
    <message>
        <source>{model} ({number})</source>
        <extracomment>A model that is there more than once, and which of them it is</extracomment>
        <translation>{model}（{number}）</translation>
    </message>
    <message>
        <source>{model}: reply ended</source>
        <translation>{model}：返答が終了</translation>
    </message>
    <message>
        <source>{model}: reply finished</source>
        <translation>{model}：返答が完了</translation>
    </message>
</context>
<context>
    <name>Companion</name>
    <message>
        <source>Answers this prompt alone</source>
        <translation>このプロンプトにだけ答えます</translation>
    </message>
    <message>
        <source>Enter takes it, Esc leaves the text</source>
        <translation>Enterで決定、Escで文字のまま</translation>
    </message>
    <message>
        <source>Manage…</source>
        <translation>管理…</translation>
    </message>
    <message>
        <source>Not filled in yet: {names}. Send once more to send it as it is.</source>
        <translation>未入力があります：{names}。このまま送る場合は、もう一度送信してください。</translation>
    </message>
    <message>
        <source>Tab leads to the next place to fill in</source>
        <translation>Tabで次の入力箇所へ</translation>
    </message>
    <message>
        <source>“{name}”</source>
        <extracomment>A name in quotation marks</extracomment>
        <translation>「{name}」</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Back to the conversation</source>
        <translation>会話に戻る</translation>
    </message>
    <message>
        <source>Replies side by side</source>
        <translation>返答を並べて表示</translation>
    </message>
</context>
<context>
    <name>ComposeDoor</name>
    <message>
        <source>/ for your prompts, @ for another model this once</source>
        <translation>/ でプロンプト、@ で今回だけ別のモデル</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Ask anything</source>
        <translation>何でも聞いてください</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>ファイルを添付</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter breaks the line</source>
        <translation>Enterで送信、Shift+Enterで改行</translation>
    </message>
    <message>
        <source>Esc stops all replies</source>
        <translation>Escですべての返答を停止</translation>
    </message>
    <message>
        <source>Esc stops the reply</source>
        <translation>Escで返答を停止</translation>
    </message>
    <message>
        <source>Pasted image.png</source>
        <translation>貼り付けた画像.png</translation>
    </message>
    <message>
        <source>Pasted text.txt</source>
        <translation>貼り付けたテキスト.txt</translation>
    </message>
    <message>
        <source>Reading the attachments…</source>
        <translation>添付を読み取り中…</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>送信</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translation>すべて停止</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>停止中…</translation>
    </message>
    <message>
        <source>This waits here until the replies have ended.</source>
        <translation>すべての返答が終わるまで、ここで待ちます。</translation>
    </message>
    <message>
        <source>This waits here until the reply has ended.</source>
        <translation>返答が終わるまで、ここで待ちます。</translation>
    </message>
    <message>
        <source>Your earlier prompt. What was said after it stays, as another branch.</source>
        <translation>以前のプロンプトです。その後のやり取りは別のブランチとして残ります。</translation>
    </message>
</context>
<context>
    <name>Context</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%nトークン</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n word(s) so far. Your prompt follows.</source>
        <translation>
            <numerusform>これまでに%n語。続けてプロンプトを送ります。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n token(s). How many the model can read at once is unknown.</source>
        <translation>
            <numerusform>約%nトークン。モデルが一度に読める量は不明です。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s).</source>
        <translation>
            <numerusform>約{taken} / %nトークン。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About {taken} of %n token(s): that leaves too little room for a reply.</source>
        <translation>
            <numerusform>約{taken} / %nトークン：返答のための余地が足りません。</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask me</source>
        <translation>確認する</translation>
    </message>
    <message>
        <source>Change…</source>
        <extracomment>On a button: change what happens to long conversations</extracomment>
        <translation>変更…</translation>
    </message>
    <message>
        <source>Context window</source>
        <translation>コンテキストウィンドウ</translation>
    </message>
    <message>
        <source>Context window, in tokens</source>
        <translation>コンテキストウィンドウ（トークン数）</translation>
    </message>
    <message numerus="yes">
        <source>It fits without the %n oldest message(s), up to “{last}”.</source>
        <translation>
            <numerusform>最も古い%n件のメッセージ（「{last}」まで）を除けば収まります。</numerusform>
        </translation>
    </message>
    <message>
        <source>Leave out the oldest</source>
        <translation>古いものを除く</translation>
    </message>
    <message>
        <source>Leave them out</source>
        <translation>除く</translation>
    </message>
    <message>
        <source>Nothing is left to leave out. Shorten what you write.</source>
        <translation>除けるものがもうありません。入力を短くしてください。</translation>
    </message>
    <message>
        <source>Nothing is sent until it is shorter.</source>
        <translation>短くするまで何も送信されません。</translation>
    </message>
    <message>
        <source>Send everything</source>
        <translation>すべて送信</translation>
    </message>
    <message>
        <source>Send nothing</source>
        <translation>送信しない</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Summarise the oldest</source>
        <translation>古いものを要約</translation>
    </message>
    <message>
        <source>Summarise them</source>
        <extracomment>On a button: summarise the oldest messages</extracomment>
        <translation>要約する</translation>
    </message>
    <message>
        <source>The limit is from the list that comes with Weir.</source>
        <translation>上限はWeir付属の一覧によるものです。</translation>
    </message>
    <message>
        <source>The limit is the one that the model is started with here.</source>
        <translation>上限は、ここでモデルを起動するときの値です。</translation>
    </message>
    <message>
        <source>The limit is the service’s own.</source>
        <translation>上限はサービスが示したものです。</translation>
    </message>
    <message>
        <source>The limit was set by hand.</source>
        <translation>上限は手動で設定されています。</translation>
    </message>
    <message numerus="yes">
        <source>The service refused this as too long: about %n token(s).</source>
        <translation>
            <numerusform>長すぎるとしてサービスに拒否されました：約%nトークン。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>This does not fit any more: about {taken} of %n token(s).</source>
        <translation>
            <numerusform>収まらなくなりました：約{taken} / %nトークン。</numerusform>
        </translation>
    </message>
    <message>
        <source>Until then it is as it was.</source>
        <translation>それまでは以前の値のままです。</translation>
    </message>
    <message>
        <source>What the service says</source>
        <translation>サービスの示す値</translation>
    </message>
    <message>
        <source>When it does not fit</source>
        <translation>収まらないとき</translation>
    </message>
    <message numerus="yes">
        <source>When you send, the %n oldest message(s), up to “{last}”, will no longer go with it.</source>
        <translation>
            <numerusform>送信すると、最も古い%n件のメッセージ（「{last}」まで）は以後一緒に送られません。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>When you send, the model first writes a summary of the %n oldest message(s), up to “{last}”: one more request.</source>
        <translation>
            <numerusform>送信すると、まずモデルが最も古い%n件のメッセージ（「{last}」まで）を要約します。リクエストが1回増えます。</numerusform>
        </translation>
    </message>
    <message>
        <source>Your prompt follows.</source>
        <translation>続けてプロンプトを送ります。</translation>
    </message>
    <message numerus="yes">
        <source>{model} summarises %n message(s)…</source>
        <translation>
            <numerusform>{model}が%n件のメッセージを要約中…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConversationPage</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n個のモデル</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>何でも聞いてください</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
    </message>
    <message>
        <source>Reply to {model}…</source>
        <translation>{model}に返信…</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>返信…</translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message>
        <source>A damaged history</source>
        <translation>履歴の破損</translation>
    </message>
    <message>
        <source>All conversations, without keys. The Weir archive keeps everything and can be read again; the other forms show the branch that is on screen, one file for each conversation in a zip.</source>
        <translation>キーを除くすべての会話です。Weirアーカイブはすべてを保持し、再び読み込めます。ほかの形式は表示中のブランチだけを含み、会話ごとに1ファイルとしてzipにまとめます。</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>復元</translation>
    </message>
    <message>
        <source>Bring conversations in</source>
        <translation>会話を取り込む</translation>
    </message>
    <message>
        <source>Bringing conversations back… {share}</source>
        <translation>会話を復元中… {share}</translation>
    </message>
    <message>
        <source>Bringing conversations in… {share}</source>
        <translation>会話を取り込み中… {share}</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>データ</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>すべてエクスポート…</translation>
    </message>
    <message>
        <source>Form of the export</source>
        <translation>エクスポートの形式</translation>
    </message>
    <message>
        <source>From the export of ChatGPT, Claude, Open WebUI or LibreChat, from a Weir archive, or from one of Weir’s backups. Branches, pictures and files come along where the export has them. What is here already is not changed, and bringing the same file in again adds nothing.</source>
        <translation>ChatGPT、Claude、Open WebUI、LibreChatのエクスポート、Weirアーカイブ、Weirのバックアップから取り込めます。エクスポートに含まれていれば、ブランチ、画像、ファイルも取り込みます。既存の内容は変わらず、同じファイルを再び取り込んでも何も増えません。</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>インポート…</translation>
    </message>
    <message>
        <source>Saving conversations… {share}</source>
        <translation>会話を保存中… {share}</translation>
    </message>
    <message>
        <source>Take conversations out</source>
        <translation>会話を書き出す</translation>
    </message>
    <message>
        <source>The history was damaged. It is set aside whole as {name}. What the newest good backup has, and what can still be read of the damaged file, can be brought back.</source>
        <translation>履歴が壊れていたため、全体を{name}として別に保管しました。最新の正常なバックアップの内容と、壊れたファイルからまだ読み取れる内容を復元できます。</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Choose a model first.</source>
        <translation>先にモデルを選択してください。</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>この会話はもうありません。</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>エンドポイントを読み込んでいます。少し待ってから送信し直してください。</translation>
    </message>
</context>
<context>
    <name>DesktopPage</name>
    <message>
        <source>Command for a quick question</source>
        <translation>クイック質問のコマンド</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Desktop</source>
        <translation>デスクトップ</translation>
    </message>
    <message>
        <source>For replies that took longer than five seconds and came, or failed, while another program was in front. The notification names the conversation and the model; a click opens it.</source>
        <translation>5秒以上かかった返答が、ほかのプログラムの使用中に届いたか失敗したときに通知します。通知には会話とモデルが示され、クリックで開きます。</translation>
    </message>
    <message>
        <source>Icon in the notification area</source>
        <translation>通知領域のアイコン</translation>
    </message>
    <message>
        <source>It may then be read on a locked screen.</source>
        <translation>ロック画面でも読まれる可能性があります。</translation>
    </message>
    <message>
        <source>Its menu leads to the window, a quick question and a new conversation, and ends Weir.</source>
        <translation>メニューから、ウィンドウ、クイック質問、新しい会話を開けるほか、Weirを終了できます。</translation>
    </message>
    <message>
        <source>Keep Weir running when its window is closed</source>
        <translation>ウィンドウを閉じてもWeirを動かし続ける</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Model for quick questions</source>
        <translation>クイック質問のモデル</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <translation>なし</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>ペルソナ</translation>
    </message>
    <message>
        <source>Persona for quick questions</source>
        <translation>クイック質問のペルソナ</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>クイック質問</translation>
    </message>
    <message>
        <source>Show an icon of Weir</source>
        <translation>Weirのアイコンを表示</translation>
    </message>
    <message>
        <source>Show the beginning of the reply in it</source>
        <translation>返答の冒頭を通知に表示</translation>
    </message>
    <message>
        <source>Tell me when a long reply is there</source>
        <translation>時間のかかった返答が届いたら知らせる</translation>
    </message>
    <message>
        <source>The one used last</source>
        <translation>最後に使ったもの</translation>
    </message>
    <message>
        <source>There is no place for such icons at the moment.</source>
        <translation>今はアイコンを表示できる場所がありません。</translation>
    </message>
    <message>
        <source>This command opens a small window for one question. Give it a key in your desktop’s keyboard settings; Weir itself hears no keys while another program is in front.</source>
        <translation>このコマンドは、質問を1つするための小さなウィンドウを開きます。デスクトップのキーボード設定でキーを割り当ててください。ほかのプログラムの使用中、Weir自体はキー入力を受け取りません。</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment, and closing the window ends Weir as usual.</source>
        <translation>このデスクトップは今アイコンを表示していません。ウィンドウを閉じると通常どおりWeirが終了します。</translation>
    </message>
    <message>
        <source>This desktop shows no such icons at the moment; some need an extension for them.</source>
        <translation>このデスクトップは今アイコンを表示していません。拡張機能が必要なデスクトップもあります。</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Answer</source>
        <extracomment>A page of the stream’s window: the HTTP answer’s head</extracomment>
        <translation>応答</translation>
    </message>
    <message>
        <source>Findings</source>
        <extracomment>A page of the stream’s window: what is remarkable about the stream</extracomment>
        <translation>検査結果</translation>
    </message>
    <message>
        <source>Record</source>
        <extracomment>A page of the stream’s window: one record of the stream</extracomment>
        <translation>レコード</translation>
    </message>
    <message>
        <source>Request</source>
        <extracomment>A page of the stream’s window: the HTTP request that was sent</extracomment>
        <translation>リクエスト</translation>
    </message>
    <message>
        <source>The answer’s head</source>
        <translation>応答ヘッダー</translation>
    </message>
    <message>
        <source>The request</source>
        <translation>リクエスト</translation>
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
            <numerusform>%n個のモデルが並んで答えます。</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a model above, then ask.</source>
        <translation>上でモデルを選び、質問してください。</translation>
    </message>
    <message>
        <source>The demo model answers here, offline. It is small, and often wrong.</source>
        <translation>ここではデモモデルがオフラインで答えます。小さなモデルで、よく間違えます。</translation>
    </message>
    <message>
        <source>What do you want to know?</source>
        <translation>何を知りたいですか？</translation>
    </message>
    <message>
        <source>{model} answers on this computer.</source>
        <translation>{model}がこのコンピューター上で答えます。</translation>
    </message>
    <message>
        <source>{model} at {endpoint} answers.</source>
        <translation>{endpoint}の{model}が答えます。</translation>
    </message>
</context>
<context>
    <name>Ending</name>
    <message>
        <source>The length limit was reached before there was any text</source>
        <translation>テキストが出る前に長さの上限に達しました</translation>
    </message>
    <message>
        <source>The model asked for a tool; Weir has none to offer</source>
        <translation>モデルがツールを求めましたが、Weirにはありません</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>モデルが回答を断りました</translation>
    </message>
    <message>
        <source>The reply reached its length limit</source>
        <translation>返答が長さの上限に達しました</translation>
    </message>
    <message>
        <source>The service ended the reply for a reason of its own</source>
        <translation>サービスが独自の理由で返答を終了しました</translation>
    </message>
    <message>
        <source>The service paused the reply</source>
        <translation>サービスが返答を一時停止しました</translation>
    </message>
    <message>
        <source>The service’s content filter ended the reply</source>
        <translation>サービスのコンテンツフィルターが返答を終了しました</translation>
    </message>
</context>
<context>
    <name>EndpointEditor</name>
    <message>
        <source>A JSON object that goes with every request.</source>
        <translation>すべてのリクエストに付けるJSONオブジェクトです。</translation>
    </message>
    <message>
        <source>A JSON object, sent as it is, with {{prompt}}, {{messages}}, {{system}}, {{model}} or {{conversation}} where they belong. Left empty, a form that most services take is sent.</source>
        <translation>そのまま送信されるJSONオブジェクトです。該当する箇所に{{prompt}}、{{messages}}、{{system}}、{{model}}、{{conversation}}を書きます。空欄の場合は、多くのサービスで使える形式を送ります。</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>アドレス</translation>
    </message>
    <message>
        <source>Body</source>
        <translation>本文</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Extra body</source>
        <translation>追加の本文</translation>
    </message>
    <message>
        <source>Extra body, as JSON</source>
        <translation>追加の本文（JSON）</translation>
    </message>
    <message>
        <source>Goes into the keyring. Leave it empty where none is needed.</source>
        <translation>キーリングに保存されます。不要な場合は空欄にしてください。</translation>
    </message>
    <message>
        <source>Goes into {keyring}. Leave it empty where none is needed.</source>
        <translation>{keyring}に保存されます。不要な場合は空欄にしてください。</translation>
    </message>
    <message>
        <source>Headers</source>
        <translation>ヘッダー</translation>
    </message>
    <message>
        <source>Headers, one a line</source>
        <translation>ヘッダー（1行に1つ）</translation>
    </message>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>キー</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Models, one a line</source>
        <translation>モデル（1行に1つ）</translation>
    </message>
    <message>
        <source>Most servers speak OpenAI Chat Completions.</source>
        <translation>多くのサーバーはOpenAI Chat Completionsに対応しています。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名前</translation>
    </message>
    <message>
        <source>New endpoint</source>
        <translation>新しいエンドポイント</translation>
    </message>
    <message>
        <source>One a line, for services that do not list theirs.</source>
        <translation>モデルの一覧を提供しないサービス用です。1行に1つ書きます。</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>キーを貼り付け</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>プロトコル</translation>
    </message>
    <message>
        <source>Remove</source>
        <extracomment>On a button: remove the key</extracomment>
        <translation>削除</translation>
    </message>
    <message>
        <source>Remove endpoint</source>
        <translation>エンドポイントを削除</translation>
    </message>
    <message>
        <source>Replace</source>
        <extracomment>On a button: enter another key</extracomment>
        <translation>置き換え</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Sent with every request, and kept in a readable file. Write {key} where the key belongs, or {secret} as the whole value for a key of its own.</source>
        <translation>すべてのリクエストとともに送られ、読み取れるファイルに保存されます。キーの位置には{key}と書きます。専用のキーを使う場合は、値全体を{secret}とします。</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the endpoint works</extracomment>
        <translation>テスト</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use: a key is kept in memory for this run only.</source>
        <translation>このコンピューターにはWeirで使えるキーリングがありません。キーは今回の実行中だけメモリに置かれます。</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>このキーには、キーに使われない文字が含まれています。</translation>
    </message>
</context>
<context>
    <name>EndpointList</name>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add an endpoint</extracomment>
        <translation>追加…</translation>
    </message>
    <message>
        <source>An endpoint is a service or a server that Weir can ask, with its address and its key.</source>
        <translation>エンドポイントは、Weirが問い合わせるサービスまたはサーバーで、アドレスとキーを持ちます。</translation>
    </message>
    <message>
        <source>Another server or your own</source>
        <translation>その他または自前のサーバー</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>編集</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>{name}を編集</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>エンドポイント</translation>
    </message>
    <message>
        <source>Service to add</source>
        <translation>追加するサービス</translation>
    </message>
    <message>
        <source>started by Weir, no address needed</source>
        <translation>Weirが起動、アドレス不要</translation>
    </message>
</context>
<context>
    <name>EndpointText</name>
    <message>
        <source>In a JSON pointer, write “~0” for “~” and “~1” for a “/” in a name.</source>
        <translation>JSONポインターでは、「~」は「~0」、名前の中の「/」は「~1」と書きます。</translation>
    </message>
    <message>
        <source>Leave name and password out of the address; the key has its own field.</source>
        <translation>アドレスにユーザー名とパスワードを含めないでください。キーには専用の欄があります。</translation>
    </message>
    <message>
        <source>Leave out what follows “?” or “#” in the address.</source>
        <translation>アドレスの「?」や「#」以降は除いてください。</translation>
    </message>
    <message>
        <source>Leave out “/chat/completions”: the address ends before it, usually in /v1.</source>
        <translation>「/chat/completions」は除いてください。アドレスはその手前まで、通常は/v1で終わります。</translation>
    </message>
    <message>
        <source>Line {number} of the headers has to look like “Name: value”.</source>
        <translation>ヘッダーの{number}行目は「名前: 値」の形にしてください。</translation>
    </message>
    <message>
        <source>The address has to look like https://example.com/v1.</source>
        <translation>アドレスはhttps://example.com/v1のような形にしてください。</translation>
    </message>
    <message>
        <source>The extra body has to be a JSON object, in braces: { … }.</source>
        <translation>追加の本文は、波かっこで囲んだJSONオブジェクトにしてください：{ … }。</translation>
    </message>
    <message>
        <source>The extra body is nested too deeply.</source>
        <translation>追加の本文の入れ子が深すぎます。</translation>
    </message>
    <message>
        <source>The extra body is not JSON: line {line}, column {column}: {reason}.</source>
        <translation>追加の本文がJSONではありません：{line}行{column}列目、{reason}。</translation>
    </message>
    <message>
        <source>The value in line {number} of the headers may hold plain ASCII letters only.</source>
        <translation>ヘッダーの{number}行目の値には、ASCII文字だけが使えます。</translation>
    </message>
    <message>
        <source>Where the text is has to look like /data/text, or be empty.</source>
        <translation>「テキストの位置」は/data/textのような形にするか、空欄にしてください。</translation>
    </message>
    <message>
        <source>Without https, what you send and the key can be read on the way.</source>
        <translation>httpsを使わないと、送信内容とキーが途中で読まれる可能性があります。</translation>
    </message>
    <message>
        <source>a colon is missing</source>
        <translation>コロンがありません</translation>
    </message>
    <message>
        <source>a comma is missing</source>
        <translation>コンマがありません</translation>
    </message>
    <message>
        <source>a name in double quotes is missing, or a comma is too many</source>
        <translation>二重引用符で囲んだ名前がないか、コンマが余分です</translation>
    </message>
    <message>
        <source>a text holds a line break or a tab</source>
        <translation>テキストに改行かタブが含まれています</translation>
    </message>
    <message>
        <source>a text is not closed by a quote</source>
        <translation>テキストが引用符で閉じられていません</translation>
    </message>
    <message>
        <source>a value is missing</source>
        <translation>値がありません</translation>
    </message>
    <message>
        <source>there is a comma too many</source>
        <translation>コンマが余分です</translation>
    </message>
    <message>
        <source>there is something after the end</source>
        <translation>末尾の後に何かあります</translation>
    </message>
    <message>
        <source>“{name}” is set by Weir itself; leave it out.</source>
        <translation>「{name}」はWeirが設定します。除いてください。</translation>
    </message>
    <message>
        <source>“{name}” would put the key into a readable file. Write “{{key}}” in its place and use the key’s own field.</source>
        <translation>「{name}」では、キーが読み取れるファイルに書かれてしまいます。代わりに「{{key}}」と書き、キー専用の欄を使ってください。</translation>
    </message>
</context>
<context>
    <name>Endpoints</name>
    <message>
        <source>No key needed</source>
        <translation>キー不要</translation>
    </message>
    <message>
        <source>No key yet</source>
        <translation>キー未設定</translation>
    </message>
    <message>
        <source>the keyring</source>
        <translation>キーリング</translation>
    </message>
    <message>
        <source>{key}, for this run only</source>
        <translation>{key}、今回の実行のみ</translation>
    </message>
    <message>
        <source>{key}, from {variable}, for this run</source>
        <translation>{key}、{variable}から、今回の実行用</translation>
    </message>
    <message>
        <source>{key}, in {keyring}</source>
        <translation>{key}、{keyring}に保存</translation>
    </message>
</context>
<context>
    <name>Failure</name>
    <message>
        <source>A file of this kind can't be sent to {model}. Remove it, or choose another model above.</source>
        <translation>この種類のファイルは{model}に送れません。削除するか、上で別のモデルを選んでください。</translation>
    </message>
    <message>
        <source>Images can't be sent to {model}. Remove them, or choose another model above.</source>
        <translation>画像は{model}に送れません。削除するか、上で別のモデルを選んでください。</translation>
    </message>
    <message>
        <source>No answer from {host} in time. Check your connection, then try again.</source>
        <translation>{host}から時間内に応答がありません。接続を確認してから、やり直してください。</translation>
    </message>
    <message>
        <source>No secure connection to {host}: its certificate was not accepted. If your company uses its own certificates, name their file under Settings, Network.</source>
        <translation>{host}と安全に接続できません。証明書が受け入れられませんでした。会社独自の証明書を使っている場合は、「設定」の「ネットワーク」でそのファイルを指定してください。</translation>
    </message>
    <message>
        <source>Nothing answers chats at {address}. Check the endpoint's address; it usually ends in /v1.</source>
        <translation>{address}にはチャットに応じるものがありません。エンドポイントのアドレスを確認してください。通常は/v1で終わります。</translation>
    </message>
    <message>
        <source>Nothing is listening at {address}. Is the server running?</source>
        <translation>{address}で待ち受けているものがありません。サーバーは動いていますか？</translation>
    </message>
    <message>
        <source>Only one image at a time can be sent to {model}. Remove the others, or choose another model above.</source>
        <translation>{model}に一度に送れる画像は1枚だけです。ほかを削除するか、上で別のモデルを選んでください。</translation>
    </message>
    <message>
        <source>The connection to {endpoint} ended before the reply did. What had arrived is kept.</source>
        <translation>返答が終わる前に{endpoint}との接続が切れました。届いた分は残っています。</translation>
    </message>
    <message>
        <source>The conversation could not be saved. The text stays on screen; make room on the disk or check the folder's permissions.</source>
        <translation>会話を保存できませんでした。テキストは画面に残ります。ディスクの空きを増やすか、フォルダーの権限を確認してください。</translation>
    </message>
    <message>
        <source>The conversation is longer than {model} can read. Start a new one, or choose a model with a larger context.</source>
        <translation>会話が{model}の読める長さを超えています。新しい会話を始めるか、コンテキストの大きいモデルを選んでください。</translation>
    </message>
    <message>
        <source>The endpoint of this conversation is no longer set up. Choose a model above.</source>
        <translation>この会話のエンドポイントはもう設定されていません。上でモデルを選んでください。</translation>
    </message>
    <message>
        <source>The model on this computer could not be used.</source>
        <translation>このコンピューター上のモデルを使えませんでした。</translation>
    </message>
    <message>
        <source>The name {host} was not found. Check the address and your connection.</source>
        <translation>{host}という名前が見つかりません。アドレスと接続を確認してください。</translation>
    </message>
    <message>
        <source>The proxy did not let the request to {host} through. Check it under Settings, Network.</source>
        <translation>プロキシが{host}へのリクエストを通しませんでした。「設定」の「ネットワーク」で確認してください。</translation>
    </message>
    <message>
        <source>The service</source>
        <translation>サービス</translation>
    </message>
    <message>
        <source>There is a web page at {address} instead of a reply. Check the endpoint's address, or sign in to the network first.</source>
        <translation>{address}からは返答ではなくWebページが返されます。エンドポイントのアドレスを確認するか、先にネットワークにサインインしてください。</translation>
    </message>
    <message>
        <source>Weir made a mistake. What had arrived is kept; the log has the details.</source>
        <translation>Weirで問題が起きました。届いた分は残っています。詳細はログにあります。</translation>
    </message>
    <message>
        <source>Your account at {endpoint} has no credit left. Add credit there, then try again.</source>
        <translation>{endpoint}のアカウントに残高がありません。残高を追加してから、やり直してください。</translation>
    </message>
    <message>
        <source>the address</source>
        <translation>アドレス</translation>
    </message>
    <message>
        <source>the model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>サーバー</translation>
    </message>
    <message>
        <source>{endpoint} asks you to slow down.</source>
        <translation>{endpoint}から速度を落とすよう求められました。</translation>
    </message>
    <message>
        <source>{endpoint} could not use the request.</source>
        <translation>{endpoint}はこのリクエストを処理できませんでした。</translation>
    </message>
    <message>
        <source>{endpoint} did not accept the key. Replace it under Settings, Endpoints, then try again.</source>
        <translation>{endpoint}がキーを受け付けませんでした。「設定」の「エンドポイント」で置き換えてから、やり直してください。</translation>
    </message>
    <message>
        <source>{endpoint} does not allow this with your key. Check with the service what the key may be used for.</source>
        <translation>このキーでは{endpoint}の許可がありません。キーの用途をサービスに確認してください。</translation>
    </message>
    <message>
        <source>{endpoint} had a fault of its own. Try again in a moment.</source>
        <translation>{endpoint}側で障害が起きました。少し待ってから、やり直してください。</translation>
    </message>
    <message>
        <source>{endpoint} has no model named “{model}”. Choose another model above.</source>
        <translation>{endpoint}には「{model}」というモデルがありません。上で別のモデルを選んでください。</translation>
    </message>
    <message>
        <source>{endpoint} is overloaded right now. Try again in a moment.</source>
        <translation>{endpoint}は現在混雑しています。少し待ってから、やり直してください。</translation>
    </message>
    <message>
        <source>{endpoint} needs a key. Add one under Settings, Endpoints, then try again.</source>
        <translation>{endpoint}にはキーが必要です。「設定」の「エンドポイント」で追加してから、やり直してください。</translation>
    </message>
    <message>
        <source>{endpoint} reported a problem.</source>
        <translation>{endpoint}から問題が報告されました。</translation>
    </message>
    <message>
        <source>{endpoint} sent an empty reply. Try again, or choose another model.</source>
        <translation>{endpoint}から空の返答が届きました。やり直すか、別のモデルを選んでください。</translation>
    </message>
    <message>
        <source>{endpoint} sent something that is not part of a reply. What had arrived is kept.</source>
        <translation>{endpoint}から返答の一部ではないものが届きました。それまでに届いた分は残っています。</translation>
    </message>
    <message>
        <source>{endpoint} went silent. What had arrived is kept.</source>
        <translation>{endpoint}が応答しなくなりました。届いた分は残っています。</translation>
    </message>
    <message>
        <source>“{address}” is not a web address. It has to look like https://example.com/v1.</source>
        <translation>「{address}」はWebアドレスではありません。https://example.com/v1のような形にしてください。</translation>
    </message>
</context>
<context>
    <name>FilterMenu</name>
    <message>
        <source>Date</source>
        <translation>日付</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>Has code</source>
        <translation>コードあり</translation>
    </message>
    <message>
        <source>Last year</source>
        <translation>昨年</translation>
    </message>
    <message>
        <source>Me</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>自分</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>タグ</translation>
    </message>
    <message>
        <source>The last seven days</source>
        <translation>過去7日間</translation>
    </message>
    <message>
        <source>The last thirty days</source>
        <translation>過去30日間</translation>
    </message>
    <message>
        <source>The model</source>
        <extracomment>Who wrote a message</extracomment>
        <translation>モデル</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>今年</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>Written by</source>
        <translation>書き手</translation>
    </message>
</context>
<context>
    <name>FindingCard</name>
    <message>
        <source>Show record {number}</source>
        <translation>レコード{number}を表示</translation>
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
        <translation>検査結果</translation>
    </message>
    <message>
        <source>Nothing to say about it yet.</source>
        <translation>まだ検査結果はありません。</translation>
    </message>
</context>
<context>
    <name>Finds</name>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
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
        <translation>このコンピューターのモデルサーバー</translation>
    </message>
    <message>
        <source>Another endpoint…</source>
        <translation>別のエンドポイント…</translation>
    </message>
    <message>
        <source>Another server or your own endpoint…</source>
        <translation>別のサーバーや自前のエンドポイント…</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>GGUFファイルを選択…</translation>
    </message>
    <message>
        <source>Demo model, offline</source>
        <translation>デモモデル（オフライン）</translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}</source>
        <translation>
            <numerusform>検出、モデル%n個：{names}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Found, %n model(s): {names}, …</source>
        <extracomment>The names are the first few of the models</extracomment>
        <translation>
            <numerusform>検出、モデル%n個：{names}…</numerusform>
        </translation>
    </message>
    <message>
        <source>Found, but it has no model yet.</source>
        <translation>見つかりましたが、まだモデルがありません。</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>もう一度探す</translation>
    </message>
    <message>
        <source>Looking for Ollama, LM Studio and llama.cpp…</source>
        <translation>Ollama、LM Studio、llama.cppを探しています…</translation>
    </message>
    <message>
        <source>None is running. Ollama, LM Studio and llama.cpp are found by themselves.</source>
        <translation>動作中のものはありません。Ollama、LM Studio、llama.cppは自動で見つかります。</translation>
    </message>
    <message>
        <source>Runs here at once, no key: try it, or just type. Small, and often wrong.</source>
        <translation>キーなしですぐに動きます。「試す」を押すか、そのまま入力してください。小さなモデルで、よく間違えます。</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>試す</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>使う</translation>
    </message>
    <message>
        <source>Where should answers come from?</source>
        <translation>どこから回答を得ますか？</translation>
    </message>
    <message>
        <source>You can change this at any time. Nothing leaves this computer until you send a message.</source>
        <translation>いつでも変更できます。メッセージを送るまで、このコンピューターから外へは何も出ません。</translation>
    </message>
    <message>
        <source>{name} on this computer</source>
        <translation>このコンピューターの{name}</translation>
    </message>
</context>
<context>
    <name>FolderPanel</name>
    <message>
        <source>All conversations</source>
        <translation>すべての会話</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>アーカイブ</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>フォルダー名</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新しいフォルダー</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>新しいフォルダー…</translation>
    </message>
    <message>
        <source>Rename folder</source>
        <translation>フォルダー名を変更</translation>
    </message>
</context>
<context>
    <name>Following</name>
    <message>
        <source>Connecting</source>
        <translation>接続中</translation>
    </message>
    <message>
        <source>Waiting for the first words</source>
        <translation>最初の言葉を待っています</translation>
    </message>
</context>
<context>
    <name>Formula</name>
    <message>
        <source>and so on</source>
        <translation>など</translation>
    </message>
    <message>
        <source>bar</source>
        <translation>縦線</translation>
    </message>
    <message>
        <source>close parenthesis</source>
        <translation>かっこ閉じ</translation>
    </message>
    <message>
        <source>divided by</source>
        <translation>割る</translation>
    </message>
    <message>
        <source>equals</source>
        <translation>イコール</translation>
    </message>
    <message>
        <source>factorial</source>
        <translation>階乗</translation>
    </message>
    <message>
        <source>for all</source>
        <translation>すべての</translation>
    </message>
    <message>
        <source>fraction {said} end of fraction</source>
        <translation>分数 {said} 分数終わり</translation>
    </message>
    <message>
        <source>goes to</source>
        <translation>矢印</translation>
    </message>
    <message>
        <source>implies</source>
        <translation>ならば</translation>
    </message>
    <message>
        <source>in</source>
        <translation>属する</translation>
    </message>
    <message>
        <source>infinity</source>
        <translation>無限大</translation>
    </message>
    <message>
        <source>integral</source>
        <translation>積分</translation>
    </message>
    <message>
        <source>is about</source>
        <translation>ほぼ等しい</translation>
    </message>
    <message>
        <source>is at least</source>
        <translation>以上</translation>
    </message>
    <message>
        <source>is at most</source>
        <translation>以下</translation>
    </message>
    <message>
        <source>is greater than</source>
        <translation>大なり</translation>
    </message>
    <message>
        <source>is less than</source>
        <translation>小なり</translation>
    </message>
    <message>
        <source>is not equal to</source>
        <translation>等しくない</translation>
    </message>
    <message>
        <source>minus</source>
        <translation>マイナス</translation>
    </message>
    <message>
        <source>nabla</source>
        <translation>ナブラ</translation>
    </message>
    <message>
        <source>open parenthesis</source>
        <translation>かっこ</translation>
    </message>
    <message>
        <source>partial</source>
        <translation>偏微分</translation>
    </message>
    <message>
        <source>plus</source>
        <translation>プラス</translation>
    </message>
    <message>
        <source>plus or minus</source>
        <translation>プラスマイナス</translation>
    </message>
    <message>
        <source>prime</source>
        <translation>プライム</translation>
    </message>
    <message>
        <source>product</source>
        <translation>総乗</translation>
    </message>
    <message>
        <source>root of order {index} of {inner}</source>
        <translation>{inner} の {index} 乗根</translation>
    </message>
    <message>
        <source>square root of {inner}</source>
        <translation>{inner} の平方根</translation>
    </message>
    <message>
        <source>sum</source>
        <translation>総和</translation>
    </message>
    <message numerus="yes">
        <source>table with %n row(s)</source>
        <translation>
            <numerusform>%n行の表</numerusform>
        </translation>
    </message>
    <message>
        <source>there is</source>
        <translation>存在する</translation>
    </message>
    <message>
        <source>times</source>
        <translation>かける</translation>
    </message>
    <message>
        <source>{base} cubed</source>
        <translation>{base} の3乗</translation>
    </message>
    <message>
        <source>{base} from {low} to {high} of</source>
        <translation>{low} から {high} までの {base}</translation>
    </message>
    <message>
        <source>{base} squared</source>
        <translation>{base} の2乗</translation>
    </message>
    <message>
        <source>{base} sub {index}</source>
        <translation>{base} 下付き {index}</translation>
    </message>
    <message>
        <source>{base} sub {index} to the power of {power}</source>
        <translation>{base} 下付き {index} の {power} 乗</translation>
    </message>
    <message>
        <source>{base} to the power of {power}</source>
        <translation>{base} の {power} 乗</translation>
    </message>
    <message>
        <source>{base} under {low}</source>
        <translation>{base} 下に {low}</translation>
    </message>
    <message>
        <source>{base} with {high} above</source>
        <translation>{base} 上に {high}</translation>
    </message>
    <message>
        <source>{said} end of root</source>
        <translation>{said} 根号終わり</translation>
    </message>
    <message>
        <source>{top} over {bottom}</source>
        <translation>{bottom} 分の {top}</translation>
    </message>
</context>
<context>
    <name>FoundHead</name>
    <message>
        <source>Filter</source>
        <extracomment>Name of a button that narrows a search</extracomment>
        <translation>絞り込み</translation>
    </message>
</context>
<context>
    <name>GapPlot</name>
    <message>
        <source>Gaps between records over time</source>
        <translation>レコード間隔の推移</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>まだありません</translation>
    </message>
    <message>
        <source>The longest is {gap}, before record {number}</source>
        <translation>最長はレコード{number}の前の{gap}</translation>
    </message>
    <message>
        <source>gap before each record, over time</source>
        <translation>各レコードの前の間隔の推移</translation>
    </message>
    <message>
        <source>{gap} before record {number}</source>
        <translation>レコード{number}の前に{gap}</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Compare models</source>
        <translation>モデルを比較</translation>
    </message>
    <message>
        <source>More</source>
        <extracomment>On a button: more actions</extracomment>
        <translation>その他</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
    </message>
    <message>
        <source>Show the shelf</source>
        <translation>会話リストを表示</translation>
    </message>
</context>
<context>
    <name>HeaderKeys</name>
    <message>
        <source>Key for {header}</source>
        <translation>{header}のキー</translation>
    </message>
    <message>
        <source>Leave it empty to keep the key</source>
        <translation>空欄のままなら現在のキーを保持</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>キーを貼り付け</translation>
    </message>
</context>
<context>
    <name>HitDelegate</name>
    <message>
        <source>You: {text}</source>
        <translation>あなた：{text}</translation>
    </message>
</context>
<context>
    <name>HitView</name>
    <message>
        <source>Found</source>
        <extracomment>Name of the list of what a search found</extracomment>
        <translation>検索結果</translation>
    </message>
</context>
<context>
    <name>Inspection</name>
    <message numerus="yes">
        <source>%n end mark(s)</source>
        <translation>
            <numerusform>終了マークが%n個</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n keep-alive comment(s)</source>
        <translation>
            <numerusform>キープアライブのコメントが%n個</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s), the first {numbers}</source>
        <translation>
            <numerusform>%n件のレコード、最初は{numbers}</numerusform>
        </translation>
    </message>
    <message>
        <source>A NUL is no text: look for a buffer that is sent whole, or for UTF-16.</source>
        <translation>NULはテキストではありません。バッファーが丸ごと送られていないか、UTF-16になっていないかを調べてください。</translation>
    </message>
    <message>
        <source>A blank line.</source>
        <translation>空行です。</translation>
    </message>
    <message>
        <source>A byte order mark at the beginning</source>
        <translation>先頭にバイトオーダーマークがあります</translation>
    </message>
    <message>
        <source>A byte order mark in {records}</source>
        <translation>{records}にバイトオーダーマークがあります</translation>
    </message>
    <message>
        <source>A comment: it keeps the connection open and says nothing.</source>
        <translation>コメントです。接続を保つだけで、内容はありません。</translation>
    </message>
    <message>
        <source>A length is known only when everything is: the reply was collected before it was sent.</source>
        <translation>長さがわかるのは全体が揃ってからです。返答は送信前にまとめられていました。</translation>
    </message>
    <message>
        <source>A long prompt, a model being loaded or a queue; or the beginning was held back by a buffer.</source>
        <translation>プロンプトが長い、モデルの読み込み中、順番待ちなどが考えられます。先頭がバッファーに留められていた可能性もあります。</translation>
    </message>
    <message>
        <source>A replay of “{name}”, as fast as it can be read.</source>
        <translation>「{name}」を読み取れる最大の速さで再生しています。</translation>
    </message>
    <message>
        <source>A replay of “{name}”, at the pace of the recording.</source>
        <translation>「{name}」を記録時の速さで再生しています。</translation>
    </message>
    <message>
        <source>A reply ends once. Clients may stop at the first and miss what follows.</source>
        <translation>返答の終わりは1回だけです。クライアントは最初の終了で止まり、続きを受け取らないことがあります。</translation>
    </message>
    <message>
        <source>A silence of {time} before record {number}</source>
        <translation>レコード{number}の前に{time}の無通信</translation>
    </message>
    <message>
        <source>After the end came {records}</source>
        <translation>終了後に{records}が届きました</translation>
    </message>
    <message>
        <source>All are allowed, but a mix is often a sign of parts written by different hands.</source>
        <translation>いずれも許されていますが、混在は別々に作られた部分があることを示す場合が多いものです。</translation>
    </message>
    <message>
        <source>An empty answer</source>
        <translation>空の応答</translation>
    </message>
    <message>
        <source>An error inside a {status} answer</source>
        <translation>{status}の応答の中にエラーがあります</translation>
    </message>
    <message>
        <source>An error: {words}</source>
        <translation>エラー：{words}</translation>
    </message>
    <message>
        <source>An event stream that is labelled {kind}</source>
        <translation>イベントストリームなのに{kind}とされています</translation>
    </message>
    <message>
        <source>An id that was there before: {records}</source>
        <translation>重複するid：{records}</translation>
    </message>
    <message>
        <source>An “id:” is for one event: clients that resume would go on at the wrong place.</source>
        <translation>「id:」は1つのイベントに対するものです。再開するクライアントが誤った位置から続けてしまいます。</translation>
    </message>
    <message>
        <source>Before nginx send “X-Accel-Buffering: no”; flush after each event in your own server.</source>
        <translation>nginxの手前では「X-Accel-Buffering: no」を送り、自前のサーバーではイベントごとにフラッシュしてください。</translation>
    </message>
    <message numerus="yes">
        <source>Buffered: {records} records came in %n burst(s)</source>
        <translation>
            <numerusform>バッファリング：{records}件のレコードが%n回にまとめて届きました</numerusform>
        </translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a blank line as well.</source>
        <translation>標準では破棄されます。最後のレコードも空行で終えてください。</translation>
    </message>
    <message>
        <source>By the standard it is dropped. End the last one with a line end as well.</source>
        <translation>標準では破棄されます。最後のレコードも改行で終えてください。</translation>
    </message>
    <message>
        <source>Bytes that are no UTF-8: {records}</source>
        <translation>UTF-8ではないバイト：{records}</translation>
    </message>
    <message>
        <source>Clients stop reading at the end mark. Send it last.</source>
        <translation>クライアントは終了マークで読み取りをやめます。最後に送ってください。</translation>
    </message>
    <message>
        <source>Compressors hold back what is small. Send event streams as they are; proxies need telling, too.</source>
        <translation>圧縮処理は小さなデータを留めます。イベントストリームはそのまま送り、プロキシにもそう設定してください。</translation>
    </message>
    <message>
        <source>Cut in the middle of a record</source>
        <translation>レコードの途中で切れています</translation>
    </message>
    <message>
        <source>Cut off before it was whole.</source>
        <translation>途中で切れています。</translation>
    </message>
    <message>
        <source>Data that is not JSON: {records}</source>
        <translation>JSONではないデータ：{records}</translation>
    </message>
    <message>
        <source>Event streams are UTF-8 whatever the header says.</source>
        <translation>ヘッダーに何と書かれていても、イベントストリームはUTF-8です。</translation>
    </message>
    <message>
        <source>Events that the protocol does not know: {names}</source>
        <translation>プロトコルにないイベント：{names}</translation>
    </message>
    <message>
        <source>If the model was not thinking there, look for a server or a proxy that stalls. Comments (lines that begin with “:”) every 15 s keep proxies from hanging up.</source>
        <translation>モデルがそこで考えていたのでなければ、滞っているサーバーやプロキシを探してください。15秒ごとにコメント（「:」で始まる行）を送ると、プロキシによる切断を防げます。</translation>
    </message>
    <message>
        <source>It came by way of {via}.</source>
        <translation>{via}を経由して届きました。</translation>
    </message>
    <message>
        <source>It does not say where to.</source>
        <translation>転送先が示されていません。</translation>
    </message>
    <message>
        <source>It ends before its last bracket: the server, or something on the way, stopped there.</source>
        <translation>最後のかっこより前で終わっています。サーバーか経路上の何かがそこで止まりました。</translation>
    </message>
    <message>
        <source>It knows no chunks, so that an end can’t be told from a cut. In nginx set “proxy_http_version 1.1”.</source>
        <translation>チャンクに対応していないため、正常な終わりと切断を区別できません。nginxでは「proxy_http_version 1.1」を設定してください。</translation>
    </message>
    <message>
        <source>It says “X-Accel-Buffering: yes”: send “no”.</source>
        <translation>「X-Accel-Buffering: yes」とされています。「no」を送ってください。</translation>
    </message>
    <message>
        <source>Its length was known beforehand, so that it was whole before it was sent.</source>
        <translation>長さが事前にわかっていたので、送信前に全体が揃っていたことになります。</translation>
    </message>
    <message>
        <source>Its type is {kind}. Perhaps the address is wrong, or a proxy answered with a page.</source>
        <translation>種類は{kind}です。アドレスが誤っているか、プロキシがページを返した可能性があります。</translation>
    </message>
    <message>
        <source>JSON that is labelled as an event stream</source>
        <translation>JSONなのにイベントストリームとされています</translation>
    </message>
    <message>
        <source>Line ends are mixed: {kinds}</source>
        <translation>行末が混在しています：{kinds}</translation>
    </message>
    <message>
        <source>Lines of JSON that are labelled {kind}</source>
        <translation>JSONの行なのに{kind}とされています</translation>
    </message>
    <message>
        <source>NUL bytes in {records}</source>
        <translation>{records}にNULバイトがあります</translation>
    </message>
    <message>
        <source>No [DONE] at the end</source>
        <translation>末尾に[DONE]がありません</translation>
    </message>
    <message>
        <source>No data in it.</source>
        <translation>データがありません。</translation>
    </message>
    <message>
        <source>No end mark came, so that the stream can’t be told from a cut one.</source>
        <translation>終了マークが届かなかったため、途中で切れたストリームと区別できません。</translation>
    </message>
    <message>
        <source>No usage was sent</source>
        <translation>使用量が送られていません</translation>
    </message>
    <message>
        <source>Not everything is shown</source>
        <translation>一部は表示されていません</translation>
    </message>
    <message>
        <source>Not kept: {size}. Recordings have room for {room} together.</source>
        <translation>保持されなかった量：{size}。記録の上限は合計{room}です。</translation>
    </message>
    <message>
        <source>Not read to its end</source>
        <translation>最後まで読まれていません</translation>
    </message>
    <message>
        <source>Not read: the reply had ended.</source>
        <translation>読まれていません。返答は終わっていました。</translation>
    </message>
    <message>
        <source>Not read: the reply had failed.</source>
        <translation>読まれていません。返答は失敗していました。</translation>
    </message>
    <message>
        <source>Nothing that is whole yet.</source>
        <translation>まだ揃ったものがありません。</translation>
    </message>
    <message>
        <source>Nothing wrong with this stream</source>
        <translation>このストリームに問題はありません</translation>
    </message>
    <message>
        <source>One is enough; nothing is read after the first.</source>
        <translation>1つで十分です。最初のもの以降は何も読まれません。</translation>
    </message>
    <message>
        <source>Only the end of the connection ends it, which a break can’t be told from. Send “Transfer-Encoding: chunked”.</source>
        <translation>接続の終わりだけが終了の印なので、切断と区別できません。「Transfer-Encoding: chunked」を送ってください。</translation>
    </message>
    <message>
        <source>Only the very first bytes may be one. Perhaps files or buffers were put one after the other.</source>
        <translation>先頭のバイトだけに置けます。ファイルかバッファーがつなげられた可能性があります。</translation>
    </message>
    <message>
        <source>Records, order, end and transport are as they should be.</source>
        <translation>レコード、順序、終了、転送はいずれも適切です。</translation>
    </message>
    <message>
        <source>Replay of {name}</source>
        <translation>{name}の再生</translation>
    </message>
    <message>
        <source>Send each event’s JSON on data lines of its own and end it with a blank line. JSON that goes over several lines needs “data: ” before each of them.</source>
        <translation>各イベントのJSONは独立したdata行で送り、空行で終えてください。複数行にわたるJSONでは、各行の前に「data: 」が必要です。</translation>
    </message>
    <message>
        <source>Send events, or “Content-Type: application/json”.</source>
        <translation>イベントを送るか、「Content-Type: application/json」を送ってください。</translation>
    </message>
    <message>
        <source>Send “Content-Type: application/x-ndjson”.</source>
        <translation>「Content-Type: application/x-ndjson」を送ってください。</translation>
    </message>
    <message>
        <source>Send “Content-Type: text/event-stream”: many clients refuse anything else.</source>
        <translation>「Content-Type: text/event-stream」を送ってください。それ以外を拒否するクライアントが多くあります。</translation>
    </message>
    <message>
        <source>Several events without a blank line between: {records}</source>
        <translation>間に空行のない複数のイベント：{records}</translation>
    </message>
    <message>
        <source>Something between the model and Weir collects the stream.</source>
        <translation>モデルとWeirの間で、何かがストリームを溜めています。</translation>
    </message>
    <message>
        <source>The answer came by HTTP/1.0</source>
        <translation>応答がHTTP/1.0で届きました</translation>
    </message>
    <message>
        <source>The answer is compressed ({encoding}), and compressors wait for more: switch that off.</source>
        <translation>応答が圧縮されています（{encoding}）。圧縮処理は続きを待つため、オフにしてください。</translation>
    </message>
    <message>
        <source>The answer is no reply</source>
        <translation>応答が返答ではありません</translation>
    </message>
    <message>
        <source>The answer is not sent in HTTP chunks</source>
        <translation>応答がHTTPチャンクで送られていません</translation>
    </message>
    <message>
        <source>The body ({size}) was too large to be kept.</source>
        <translation>本文（{size}）は大きすぎるため、保持されませんでした。</translation>
    </message>
    <message>
        <source>The body says more; see the records and the answer’s headers.</source>
        <translation>詳しくは本文にあります。レコードと応答ヘッダーを確認してください。</translation>
    </message>
    <message>
        <source>The connection broke before the answer ended</source>
        <translation>応答が終わる前に接続が切れました</translation>
    </message>
    <message>
        <source>The document is not whole</source>
        <translation>文書が不完全です</translation>
    </message>
    <message>
        <source>The end mark is missing</source>
        <translation>終了マークがありません</translation>
    </message>
    <message>
        <source>The end mark.</source>
        <translation>終了マークです。</translation>
    </message>
    <message>
        <source>The event “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>イベント「{name}」が届かなかったため、途中で切れたストリームと区別できません。</translation>
    </message>
    <message>
        <source>The field “{name}” did not come, so that the stream can’t be told from a cut one.</source>
        <translation>フィールド「{name}」が届かなかったため、途中で切れたストリームと区別できません。</translation>
    </message>
    <message>
        <source>The file was changed since it was recorded: the times no longer belong to the same bytes.</source>
        <translation>記録後にファイルが変更されています。時刻とバイトが対応しなくなっています。</translation>
    </message>
    <message>
        <source>The first record came after {time}</source>
        <translation>最初のレコードは{time}後に届きました</translation>
    </message>
    <message>
        <source>The head of an answer came, and nothing after it.</source>
        <translation>応答ヘッダーだけが届き、その後は何もありませんでした。</translation>
    </message>
    <message>
        <source>The last record has no blank line</source>
        <translation>最後のレコードに空行がありません</translation>
    </message>
    <message>
        <source>The last record has no line end</source>
        <translation>最後のレコードに改行がありません</translation>
    </message>
    <message>
        <source>The model said that it had ended, but “data: [DONE]” did not follow. Some clients wait for it.</source>
        <translation>モデルは終了を示しましたが、「data: [DONE]」が続きませんでした。これを待つクライアントもあります。</translation>
    </message>
    <message>
        <source>The protocol is not known.</source>
        <translation>プロトコルが不明です。</translation>
    </message>
    <message>
        <source>The protocol of {name} can’t be told from its records. Name it with --protocol, one of: {known}.</source>
        <translation>{name}のレコードからはプロトコルを判断できません。--protocolで次のいずれかを指定してください：{known}。</translation>
    </message>
    <message>
        <source>The reply came as one document</source>
        <translation>返答が1つの文書として届きました</translation>
    </message>
    <message numerus="yes">
        <source>The reply ended %n time(s)</source>
        <translation>
            <numerusform>返答が%n回終了しました</numerusform>
        </translation>
    </message>
    <message>
        <source>The reply failed</source>
        <translation>返答に失敗しました</translation>
    </message>
    <message>
        <source>The server asks to wait (Retry-After: {after}).</source>
        <translation>サーバーが待つよう求めています（Retry-After: {after}）。</translation>
    </message>
    <message>
        <source>The server closed the connection, or it could not be reached.</source>
        <translation>サーバーが接続を閉じたか、接続できませんでした。</translation>
    </message>
    <message>
        <source>The server did not stream. If it should, see whether the request says so and the server looks.</source>
        <translation>サーバーがストリーミングしませんでした。すべき場合は、リクエストでの指定とサーバーの対応を確認してください。</translation>
    </message>
    <message>
        <source>The server or a proxy hung up: look for a crash, a time limit, or a limit on the answer’s size.</source>
        <translation>サーバーかプロキシが切断しました。異常終了、時間制限、応答サイズの制限を調べてください。</translation>
    </message>
    <message>
        <source>The server refused: {name}</source>
        <translation>サーバーが拒否しました：{name}</translation>
    </message>
    <message>
        <source>The server sends on ({name})</source>
        <translation>サーバーが転送を指示しています（{name}）</translation>
    </message>
    <message>
        <source>The server, or something on the way, ended the answer before the record was whole.</source>
        <translation>レコードが揃う前に、サーバーか経路上の何かが応答を終えました。</translation>
    </message>
    <message>
        <source>The stream has a length ({length} bytes)</source>
        <translation>ストリームに長さがあります（{length}バイト）</translation>
    </message>
    <message>
        <source>The stream is compressed ({encoding})</source>
        <translation>ストリームが圧縮されています（{encoding}）</translation>
    </message>
    <message>
        <source>The type names another charset: {kind}</source>
        <translation>種類に別の文字セットが指定されています：{kind}</translation>
    </message>
    <message>
        <source>There is no file {file}.</source>
        <translation>ファイル{file}はありません。</translation>
    </message>
    <message>
        <source>There was neither a “finish_reason” nor “data: [DONE]”, so that the stream can’t be told from a cut one.</source>
        <translation>「finish_reason」も「data: [DONE]」もなかったため、途中で切れたストリームと区別できません。</translation>
    </message>
    <message>
        <source>There was no answer</source>
        <translation>応答がありませんでした</translation>
    </message>
    <message>
        <source>They became “�”. Event streams are UTF-8 by their standard; don’t cut characters in two when text is taken apart as bytes.</source>
        <translation>「�」に置き換わりました。標準ではイベントストリームはUTF-8です。テキストをバイトで分けるときは、文字を途中で切らないでください。</translation>
    </message>
    <message>
        <source>They keep the connection open and say nothing. That is as it should be.</source>
        <translation>接続を保つだけで、内容はありません。正常な動作です。</translation>
    </message>
    <message>
        <source>This conversation is kept nowhere, and nobody is asked.</source>
        <translation>この会話はどこにも保存されず、どのサービスにも送信されません。</translation>
    </message>
    <message>
        <source>This header asks nginx to collect the stream. Send “no”.</source>
        <translation>このヘッダーはnginxにストリームを溜めるよう求めます。「no」を送ってください。</translation>
    </message>
    <message>
        <source>This is not JSON: the reply ended here.</source>
        <translation>JSONではありません。返答はここで終わりました。</translation>
    </message>
    <message>
        <source>To {target}.</source>
        <translation>転送先は{target}です。</translation>
    </message>
    <message>
        <source>Tokens can’t be counted without it.</source>
        <translation>これがないとトークンを数えられません。</translation>
    </message>
    <message>
        <source>Weir asks for it by {option}; the server may not know it.</source>
        <translation>Weirは{option}で要求していますが、サーバーが対応していない可能性があります。</translation>
    </message>
    <message>
        <source>Weir closed the connection: the reply was stopped, or it failed.</source>
        <translation>Weirが接続を閉じました。返答が停止されたか、失敗しました。</translation>
    </message>
    <message>
        <source>Weir passes over it; some clients take it for a part of the first field’s name.</source>
        <translation>Weirは読み飛ばしますが、最初のフィールド名の一部とみなすクライアントもあります。</translation>
    </message>
    <message>
        <source>Weir passes over them. If they should say something, compare their names with the protocol’s.</source>
        <translation>Weirは読み飛ばします。意味を持つはずのものなら、名前をプロトコルと照合してください。</translation>
    </message>
    <message>
        <source>Weir takes them apart, other clients may not. End each event with a blank line.</source>
        <translation>Weirは分けて扱いますが、ほかのクライアントはそうとは限りません。各イベントを空行で終えてください。</translation>
    </message>
    <message>
        <source>a line of its head is “{line}”.</source>
        <translation>ヘッダーに「{line}」という行があります。</translation>
    </message>
    <message>
        <source>end</source>
        <translation>終了</translation>
    </message>
    <message>
        <source>it holds no text.</source>
        <translation>テキストがありません。</translation>
    </message>
    <message>
        <source>it was written by a newer Weir. Update this one to play it.</source>
        <translation>新しいWeirで書かれています。再生するには、Weirを更新してください。</translation>
    </message>
    <message>
        <source>nginx stands between: send “X-Accel-Buffering: no”, or set “proxy_buffering off”.</source>
        <translation>間にnginxがあります。「X-Accel-Buffering: no」を送るか、「proxy_buffering off」を設定してください。</translation>
    </message>
    <message>
        <source>no counts</source>
        <translation>計数なし</translation>
    </message>
    <message>
        <source>none</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>プレースホルダー</translation>
    </message>
    <message>
        <source>progress</source>
        <translation>進捗</translation>
    </message>
    <message>
        <source>reasoning</source>
        <translation>推論</translation>
    </message>
    <message>
        <source>record {number}</source>
        <translation>レコード{number}</translation>
    </message>
    <message>
        <source>records {numbers}</source>
        <translation>レコード{numbers}</translation>
    </message>
    <message>
        <source>refusal</source>
        <translation>拒否</translation>
    </message>
    <message>
        <source>text</source>
        <translation>テキスト</translation>
    </message>
    <message>
        <source>the line “:weir body” is missing.</source>
        <translation>「:weir body」の行がありません。</translation>
    </message>
    <message>
        <source>there is a head of HTTP in it, and no body.</source>
        <translation>HTTPヘッダーはありますが、本文がありません。</translation>
    </message>
    <message>
        <source>tool call</source>
        <translation>ツール呼び出し</translation>
    </message>
    <message>
        <source>usage</source>
        <translation>使用量</translation>
    </message>
    <message>
        <source>what follows “:weir {name}” is no JSON object.</source>
        <translation>「:weir {name}」に続くものがJSONオブジェクトではありません。</translation>
    </message>
    <message>
        <source>{count} cached</source>
        <translation>キャッシュ{count}</translation>
    </message>
    <message>
        <source>{count} in</source>
        <translation>入力{count}</translation>
    </message>
    <message>
        <source>{count} out</source>
        <translation>出力{count}</translation>
    </message>
    <message>
        <source>{count} reasoning</source>
        <translation>推論{count}</translation>
    </message>
    <message>
        <source>{count} total</source>
        <translation>合計{count}</translation>
    </message>
    <message>
        <source>{file} can’t be read ({reason}).</source>
        <translation>{file}を読み取れません（{reason}）。</translation>
    </message>
    <message>
        <source>{file} could not be written ({reason}). Choose another place.</source>
        <translation>{file}を書き込めませんでした（{reason}）。別の場所を選んでください。</translation>
    </message>
    <message>
        <source>{file} is a folder. Name a recorded stream in it.</source>
        <translation>{file}はフォルダーです。その中の記録済みストリームを指定してください。</translation>
    </message>
    <message>
        <source>{file} is empty. Record a stream with “curl -N”, or save one in the inspector.</source>
        <translation>{file}は空です。「curl -N」でストリームを記録するか、インスペクターで保存してください。</translation>
    </message>
    <message>
        <source>{file} is larger than {size} MB, too large for a recorded stream.</source>
        <translation>{file}は{size} MBを超えています。記録済みストリームとしては大きすぎます。</translation>
    </message>
    <message>
        <source>{file} is not a whole recording: {error}</source>
        <translation>{file}は完全な記録ではありません：{error}</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds}秒</translation>
    </message>
    <message>
        <source>“{name}” is not a protocol that Weir knows. There are: {known}.</source>
        <translation>「{name}」はWeirが対応しているプロトコルではありません。使えるもの：{known}。</translation>
    </message>
    <message>
        <source>“{name}” is not an event of this protocol; it is passed over.</source>
        <translation>「{name}」はこのプロトコルのイベントではないため、読み飛ばされます。</translation>
    </message>
    <message>
        <source>“{pair}” is no time and size.</source>
        <translation>「{pair}」は時刻とサイズではありません。</translation>
    </message>
    <message>
        <source>“{words}”. The status was {status}, because the stream had begun. Clients that look at the status alone take this for a success.</source>
        <translation>「{words}」。ストリームが始まっていたため、ステータスは{status}でした。ステータスだけを見るクライアントは成功とみなします。</translation>
    </message>
    <message>
        <source>“{word}” stands for no byte.</source>
        <translation>「{word}」に対応するバイトがありません。</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message numerus="yes">
        <source>… %n more byte(s)</source>
        <translation>
            <numerusform>… ほか%nバイト</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InspectorDoor</name>
    <message>
        <source>Inspect the stream</source>
        <translation>ストリームを調べる</translation>
    </message>
    <message>
        <source>raw, records, SSE, curl, debug, request, headers</source>
        <translation>生データ レコード SSE curl デバッグ リクエスト ヘッダー</translation>
    </message>
</context>
<context>
    <name>InspectorWindow</name>
    <message numerus="yes">
        <source>%n record(s)</source>
        <translation>
            <numerusform>%n件のレコード</numerusform>
        </translation>
    </message>
    <message>
        <source>(The body was too large to be kept.)</source>
        <translation>（本文は大きすぎるため、保持されませんでした。）</translation>
    </message>
    <message>
        <source>A file that “weir replay” plays</source>
        <translation>「weir replay」で再生するファイル</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Attempt</source>
        <extracomment>Which of several requests for one reply</extracomment>
        <translation>試行</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>コピー済み</translation>
    </message>
    <message>
        <source>Copy as curl</source>
        <translation>curlとしてコピー</translation>
    </message>
    <message>
        <source>Copy the body</source>
        <translation>本文をコピー</translation>
    </message>
    <message>
        <source>More may come.</source>
        <translation>まだ続く可能性があります。</translation>
    </message>
    <message>
        <source>Nothing is recorded of this reply.</source>
        <translation>この返答の記録はありません。</translation>
    </message>
    <message>
        <source>Of the older replies some were dropped: there is room for {size}.</source>
        <translation>古い返答の一部は破棄されました。上限は{size}です。</translation>
    </message>
    <message>
        <source>Recorded streams (*.sse)</source>
        <translation>記録済みストリーム (*.sse)</translation>
    </message>
    <message>
        <source>Records and details</source>
        <translation>レコードと詳細</translation>
    </message>
    <message>
        <source>Save the stream</source>
        <translation>ストリームを保存</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>保存済み</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Stream inspector</source>
        <translation>ストリームインスペクター</translation>
    </message>
    <message>
        <source>Stream of a reply</source>
        <translation>返答のストリーム</translation>
    </message>
    <message>
        <source>The JSON that was sent</source>
        <translation>送信したJSON</translation>
    </message>
    <message>
        <source>The answer ended as HTTP has it.</source>
        <translation>応答はHTTPの規定どおりに終わりました。</translation>
    </message>
    <message>
        <source>The connection broke.</source>
        <translation>接続が切れました。</translation>
    </message>
    <message>
        <source>The head came after {time}.</source>
        <translation>ヘッダーは{time}後に届きました。</translation>
    </message>
    <message>
        <source>The request as a command, with a variable in place of the key</source>
        <translation>リクエストをコマンドとしてコピー（キーは変数に置き換え）</translation>
    </message>
    <message>
        <source>There is no answer yet.</source>
        <translation>まだ応答がありません。</translation>
    </message>
    <message>
        <source>There is no reply here yet. Send a prompt, and its stream is shown while it comes.</source>
        <translation>ここにはまだ返答がありません。プロンプトを送ると、届く間そのストリームを表示します。</translation>
    </message>
    <message>
        <source>Weir closed the connection.</source>
        <translation>Weirが接続を閉じました。</translation>
    </message>
    <message>
        <source>What crosses the wire is kept for this run of Weir alone, and never written to a file unless you save it.</source>
        <translation>通信の内容はWeirの今回の実行中だけ保持され、保存しない限りファイルには書き込まれません。</translation>
    </message>
    <message>
        <source>live</source>
        <extracomment>The stream is coming at this moment</extracomment>
        <translation>受信中</translation>
    </message>
    <message>
        <source>no answer</source>
        <extracomment>The request was sent, and there is no answer yet</extracomment>
        <translation>応答なし</translation>
    </message>
    <message>
        <source>silent for {time}</source>
        <translation>無通信{time}</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>待機中</translation>
    </message>
    <message>
        <source>{model} at {endpoint}</source>
        <translation>{endpoint}の{model}</translation>
    </message>
    <message>
        <source>… {size} in all; “Copy the body” has the rest.</source>
        <translation>… 全部で{size}。残りは「本文をコピー」で取得できます。</translation>
    </message>
</context>
<context>
    <name>KeptForm</name>
    <message>
        <source>As it came with Weir</source>
        <translation>Weir付属の内容に戻す</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名前</translation>
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
            <numerusform>%n件を取り込みました。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <extracomment>Prompts or personas of the file that were here before</extracomment>
        <translation>
            <numerusform>%n件はすでにありました。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were written to {file}.</source>
        <extracomment>Prompts or personas were written to a file</extracomment>
        <translation>
            <numerusform>%n件を{file}に書き出しました。</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Delete {name}</source>
        <translation>{name}を削除</translation>
    </message>
    <message>
        <source>Edit {name}</source>
        <translation>{name}を編集</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>エクスポート</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>エクスポート…</translation>
    </message>
    <message>
        <source>Hide {name}</source>
        <translation>{name}を隠す</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>インポート</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>インポート…</translation>
    </message>
    <message>
        <source>Move {name} down</source>
        <translation>{name}を下へ移動</translation>
    </message>
    <message>
        <source>Move {name} up</source>
        <translation>{name}を上へ移動</translation>
    </message>
    <message>
        <source>Readable files (*.toml)</source>
        <translation>読み取れるファイル (*.toml)</translation>
    </message>
    <message>
        <source>Show what is hidden ({count})</source>
        <translation>隠した項目を表示（{count}）</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>元に戻す</translation>
    </message>
    <message>
        <source>changed</source>
        <extracomment>A prompt or persona that comes with Weir and was changed</extracomment>
        <translation>変更あり</translation>
    </message>
    <message>
        <source>comes with Weir</source>
        <translation>Weirに付属</translation>
    </message>
    <message>
        <source>{problem} Until then nothing can be changed here.</source>
        <translation>{problem}それまでは、ここで何も変更できません。</translation>
    </message>
    <message>
        <source>“{name}” is hidden.</source>
        <translation>「{name}」を隠しました。</translation>
    </message>
    <message>
        <source>“{name}” was deleted.</source>
        <translation>「{name}」を削除しました。</translation>
    </message>
</context>
<context>
    <name>KeyCard</name>
    <message>
        <source>A service you have a key for</source>
        <translation>キーをお持ちのサービス</translation>
    </message>
    <message>
        <source>Keys are kept in this computer’s keyring and nowhere else.</source>
        <translation>キーはこのコンピューターのキーリングにだけ保存されます。</translation>
    </message>
    <message>
        <source>Paste a key</source>
        <translation>キーを貼り付け</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>サービス</translation>
    </message>
    <message>
        <source>Test</source>
        <extracomment>What is done, on a button: try whether the key works</extracomment>
        <translation>テスト</translation>
    </message>
    <message>
        <source>The key goes into {keyring} and nowhere else.</source>
        <translation>キーは{keyring}にだけ保存されます。</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. The key is kept in memory and forgotten when Weir ends.</source>
        <translation>このコンピューターにはWeirで使えるキーリングがありません。キーはメモリ上に置かれ、Weirの終了とともに消えます。</translation>
    </message>
    <message>
        <source>This key holds characters that no key has.</source>
        <translation>このキーには、キーに使われない文字が含まれています。</translation>
    </message>
    <message>
        <source>This looks like a key for {service}, which Weir can’t talk to yet. If it is for another service, choose that one.</source>
        <translation>これは{service}のキーのようですが、Weirはまだ対応していません。別のサービスのキーなら、そのサービスを選んでください。</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>使う</translation>
    </message>
    <message>
        <source>Use it anyway</source>
        <translation>それでも使う</translation>
    </message>
    <message>
        <source>Which service is this key for? Choose it beside the key.</source>
        <translation>どのサービスのキーですか？キーの横で選んでください。</translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>Key</source>
        <extracomment>An API key</extracomment>
        <translation>キー</translation>
    </message>
</context>
<context>
    <name>KeyboardPage</name>
    <message>
        <source>Actions and their keys</source>
        <translation>操作とキー</translation>
    </message>
    <message>
        <source>Add other keys</source>
        <translation>キーを追加</translation>
    </message>
    <message>
        <source>Add…</source>
        <extracomment>On a button: add another shortcut</extracomment>
        <translation>追加…</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>変更…</translation>
    </message>
    <message>
        <source>Every action has its first keys again.</source>
        <translation>すべての操作が最初のキーに戻りました。</translation>
    </message>
    <message>
        <source>Find an action or its keys</source>
        <translation>操作やキーを検索</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>キーボード</translation>
    </message>
    <message>
        <source>No keys</source>
        <translation>キーなし</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>該当するものがありません。</translation>
    </message>
    <message>
        <source>Press others</source>
        <extracomment>On a button: press other keys instead</extracomment>
        <translation>別のキーを押す</translation>
    </message>
    <message>
        <source>Reset</source>
        <extracomment>On a button: give an action its first keys again</extracomment>
        <translation>リセット</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>すべてリセット</translation>
    </message>
    <message>
        <source>Take keys away</source>
        <extracomment>On a button: an action then has no keys</extracomment>
        <translation>キーを外す</translation>
    </message>
    <message>
        <source>Take them over</source>
        <translation>割り当て直す</translation>
    </message>
    <message>
        <source>while a message has the keyboard</source>
        <translation>メッセージにフォーカスがある間</translation>
    </message>
    <message>
        <source>while the list has the keyboard</source>
        <translation>リストにフォーカスがある間</translation>
    </message>
    <message>
        <source>{action}: {keys}</source>
        <translation>{action}：{keys}</translation>
    </message>
    <message>
        <source>{keys} is for “{action}”. Taken over, that has these keys no longer.</source>
        <translation>{keys}は「{action}」で使われています。割り当て直すと、そちらでは使えなくなります。</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Escape stops a reply and closes what is open.</source>
        <translation>Escは返答を停止し、開いているものを閉じるためのキーです。</translation>
    </message>
    <message>
        <source>{keys} alone writes a character. Hold Ctrl or Alt with it.</source>
        <translation>{keys}だけでは文字が入力されます。CtrlかAltと一緒に押してください。</translation>
    </message>
    <message>
        <source>{keys} belongs to input methods on many systems.</source>
        <translation>{keys}は多くのシステムで入力メソッドが使います。</translation>
    </message>
    <message>
        <source>{keys} is needed for writing and moving about.</source>
        <translation>{keys}は文字入力とカーソル移動に必要です。</translation>
    </message>
    <message>
        <source>{keys} is needed for writing.</source>
        <translation>{keys}は文字入力に必要です。</translation>
    </message>
    <message>
        <source>{keys} writes a character on many keyboards, where it is AltGr.</source>
        <translation>多くのキーボードでは{keys}がAltGrにあたり、文字が入力されます。</translation>
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
        <translation>言語</translation>
    </message>
    <message>
        <source>Like the system: {language}</source>
        <translation>システムに合わせる：{language}</translation>
    </message>
    <message>
        <source>Weir speaks {language} from its next start on.</source>
        <translation>Weirは次回の起動から{language}で表示されます。</translation>
    </message>
</context>
<context>
    <name>LineupBar</name>
    <message>
        <source>Add a model to compare</source>
        <translation>比較するモデルを追加</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>追加…</translation>
    </message>
    <message>
        <source>Choose one more…</source>
        <extracomment>On a button: add a model</extracomment>
        <translation>もう1つ選択…</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比較</translation>
    </message>
    <message>
        <source>Models to compare</source>
        <translation>比較するモデル</translation>
    </message>
    <message>
        <source>One model again</source>
        <translation>1つのモデルに戻す</translation>
    </message>
</context>
<context>
    <name>LineupPopup</name>
    <message>
        <source>Choose at least two. The same model may be there twice.</source>
        <translation>2つ以上選んでください。同じモデルを2回選べます。</translation>
    </message>
    <message>
        <source>Compare which models? Up to four</source>
        <translation>比較するモデル（4つまで）</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the list</extracomment>
        <translation>完了</translation>
    </message>
    <message>
        <source>Four are chosen, and there is no room for more.</source>
        <translation>4つ選択済みで、これ以上は選べません。</translation>
    </message>
    <message>
        <source>{number} of {most} chosen</source>
        <translation>{most}個中{number}個を選択</translation>
    </message>
</context>
<context>
    <name>LiveConversation</name>
    <message>
        <source>A reply is still coming. Stop it first.</source>
        <translation>返答がまだ続いています。先に停止してください。</translation>
    </message>
    <message>
        <source>This long conversation is still being read. Try again in a moment.</source>
        <translation>この長い会話は読み込み中です。少し待ってから、やり直してください。</translation>
    </message>
</context>
<context>
    <name>LocalModel</name>
    <message>
        <source>Another model was chosen while this one was starting.</source>
        <translation>このモデルの起動中に、別のモデルが選ばれました。</translation>
    </message>
    <message>
        <source>Checking the demo model…</source>
        <translation>デモモデルを確認中…</translation>
    </message>
    <message>
        <source>No chat template: this is a base model. It continues text and will ramble.</source>
        <translation>チャットテンプレートがないため、ベースモデルです。文章の続きを書くだけで、話が脱線します。</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>このコンピューター</translation>
    </message>
    <message>
        <source>Part {position} of {count} is missing: “{name}” has to lie in the same folder.</source>
        <translation>{count}個中{position}個目の部分がありません。「{name}」を同じフォルダーに置いてください。</translation>
    </message>
    <message>
        <source>Starting the model…</source>
        <translation>モデルを起動中…</translation>
    </message>
    <message>
        <source>The demo model could not be read: {reason}.</source>
        <translation>デモモデルを読み取れませんでした：{reason}。</translation>
    </message>
    <message>
        <source>The demo model is not on this computer. Run:  {command}  (93 MB), or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>このコンピューターにはデモモデルがありません。  {command}  を実行する（93 MB）か、「設定」の「このコンピューター」で手持ちのGGUFファイルを選んでください。</translation>
    </message>
    <message>
        <source>The demo model’s file is damaged: its checksum is wrong. Run:  {command} --force-reinstall</source>
        <translation>デモモデルのファイルが壊れています。チェックサムが一致しません。次を実行してください：  {command} --force-reinstall</translation>
    </message>
    <message>
        <source>The engine cannot load this model: {reason}.</source>
        <translation>エンジンがこのモデルを読み込めません：{reason}。</translation>
    </message>
    <message>
        <source>The file became shorter while it was read.</source>
        <translation>読み取り中にファイルが短くなりました。</translation>
    </message>
    <message>
        <source>The file is cut short: its header goes on beyond its end. Download it again.</source>
        <translation>ファイルが途中で切れています。ヘッダーがファイルの末尾を超えています。もう一度ダウンロードしてください。</translation>
    </message>
    <message>
        <source>The file is cut short: {missing} are missing. Download it again.</source>
        <translation>ファイルが途中で切れています。{missing}が足りません。もう一度ダウンロードしてください。</translation>
    </message>
    <message>
        <source>The file is damaged: its header is far too large.</source>
        <translation>ファイルが壊れています。ヘッダーが大きすぎます。</translation>
    </message>
    <message>
        <source>The file is damaged: its header makes no sense.</source>
        <translation>ファイルが壊れています。ヘッダーの内容が正しくありません。</translation>
    </message>
    <message>
        <source>The file “{name}” could not be read: {reason}.</source>
        <translation>ファイル「{name}」を読み取れませんでした：{reason}。</translation>
    </message>
    <message>
        <source>The file “{name}” is no longer there.</source>
        <translation>ファイル「{name}」はもうありません。</translation>
    </message>
    <message>
        <source>The model keeps ending unexpectedly. Wait a minute before you try again, or choose a smaller model.</source>
        <translation>モデルが繰り返し異常終了しています。1分待ってからやり直すか、より小さいモデルを選んでください。</translation>
    </message>
    <message>
        <source>The model was stopped while it was starting.</source>
        <translation>起動中にモデルが停止されました。</translation>
    </message>
    <message>
        <source>The model’s process could not be started: {reason}.</source>
        <translation>モデルのプロセスを起動できませんでした：{reason}。</translation>
    </message>
    <message>
        <source>The model’s process ended unexpectedly (code {code}).</source>
        <translation>モデルのプロセスが異常終了しました（コード{code}）。</translation>
    </message>
    <message>
        <source>The part that runs models is not installed. Close Weir, run:  pip install {module}  and start Weir again.</source>
        <translation>モデルを動かす部品がインストールされていません。Weirを閉じて  pip install {module}  を実行し、Weirを再び起動してください。</translation>
    </message>
    <message>
        <source>The system ended the model, probably because memory ran out. It needs about {need} GB.</source>
        <translation>システムがモデルを終了しました。おそらくメモリ不足です。約{need} GBが必要です。</translation>
    </message>
    <message>
        <source>There is no ready-made part that runs models for Windows on ARM.</source>
        <translation>Windows on ARM用の、モデルを動かす既製の部品はありません。</translation>
    </message>
    <message>
        <source>This GGUF file has version {version}, which is not known here.</source>
        <translation>このGGUFファイルのバージョンは{version}で、対応していません。</translation>
    </message>
    <message>
        <source>This GGUF file holds no language model.</source>
        <translation>このGGUFファイルには言語モデルが含まれていません。</translation>
    </message>
    <message>
        <source>This GGUF file was made for big-endian machines and cannot be used.</source>
        <translation>このGGUFファイルはビッグエンディアンの機種用で、使えません。</translation>
    </message>
    <message>
        <source>This computer’s processor lacks instructions that the model needs (AVX2). Use a model server or a service instead.</source>
        <translation>このコンピューターのプロセッサーには、モデルに必要な命令（AVX2）がありません。モデルサーバーかサービスを使ってください。</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the demo model. Install the copy with it, or choose a GGUF file of your own under Settings, On this computer.</source>
        <translation>このWeirにはデモモデルが付属していません。付属するものをインストールするか、「設定」の「このコンピューター」で手持ちのGGUFファイルを選んでください。</translation>
    </message>
    <message>
        <source>This copy of Weir comes without the part that runs models. Install the full one.</source>
        <translation>このWeirにはモデルを動かす部品が付属していません。完全版をインストールしてください。</translation>
    </message>
    <message>
        <source>This file is {what}, not a model. Choose the model's own file.</source>
        <translation>このファイルはモデルではなく{what}です。モデル本体のファイルを選んでください。</translation>
    </message>
    <message>
        <source>This is not a GGUF file.</source>
        <translation>これはGGUFファイルではありません。</translation>
    </message>
    <message>
        <source>This is part {number} of {count}, but its name was changed. The parts must keep the names they were downloaded with.</source>
        <translation>これは{count}個中{number}個目の部分ですが、名前が変更されています。各部分の名前はダウンロード時のままにしてください。</translation>
    </message>
    <message>
        <source>This is part {number} of {count}: choose the first part, “{name}”.</source>
        <translation>これは{count}個中{number}個目の部分です。最初の部分「{name}」を選んでください。</translation>
    </message>
    <message>
        <source>This model is made for searching texts; it cannot chat.</source>
        <translation>このモデルは文章の検索用で、チャットはできません。</translation>
    </message>
    <message>
        <source>a measurement for making models</source>
        <translation>モデル作成用の測定データ</translation>
    </message>
    <message>
        <source>an adapter</source>
        <translation>アダプター</translation>
    </message>
    <message>
        <source>an addition to a model</source>
        <translation>モデルの追加部分</translation>
    </message>
    <message>
        <source>its chat template cannot be understood</source>
        <translation>チャットテンプレートを解釈できません</translation>
    </message>
    <message>
        <source>many GB</source>
        <translation>何GBも</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>ディスクから理由が示されませんでした</translation>
    </message>
    <message>
        <source>the name is not a file's</source>
        <translation>名前がファイル名ではありません</translation>
    </message>
    <message>
        <source>the part of a model that sees pictures</source>
        <translation>モデルの画像認識部分</translation>
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
            <numerusform>%nトークン</numerusform>
        </translation>
    </message>
    <message>
        <source>A model file of your own</source>
        <translation>手持ちのモデルファイル</translation>
    </message>
    <message>
        <source>A model that runs here needs no key and no connection. Weir starts it when you first ask it.</source>
        <translation>ここで動くモデルには、キーも接続も不要です。最初に質問したときにWeirが起動します。</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Choose a GGUF file</source>
        <translation>GGUFファイルを選択</translation>
    </message>
    <message>
        <source>Choose a GGUF file…</source>
        <translation>GGUFファイルを選択…</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>コンテキスト</translation>
    </message>
    <message>
        <source>Demo model</source>
        <translation>デモモデル</translation>
    </message>
    <message>
        <source>File</source>
        <translation>ファイル</translation>
    </message>
    <message>
        <source>In use</source>
        <extracomment>A model that is in use now</extracomment>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>ライセンス</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>モデル (*.gguf)</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>このコンピューター</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>読み取り中…</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>サイズ</translation>
    </message>
    <message>
        <source>Small and fast, for trying things out. What it says is often wrong.</source>
        <translation>小さくて速く、試用向きです。回答はよく間違っています。</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>使う</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>このモデルを使う</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>記載なし</translation>
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
            <numerusform>%nトークン</numerusform>
        </translation>
    </message>
    <message>
        <source>Demo model, often wrong</source>
        <translation>デモモデル、よく間違えます</translation>
    </message>
    <message>
        <source>Figures of the reply</source>
        <translation>返答の数値</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>最初のトークン {time}</translation>
    </message>
    <message>
        <source>on this computer</source>
        <translation>このコンピューター上</translation>
    </message>
    <message>
        <source>waiting {time}</source>
        <translation>待機 {time}</translation>
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
        <translation>{name}を外す</translation>
    </message>
</context>
<context>
    <name>ModelPopup</name>
    <message>
        <source>Add an endpoint…</source>
        <translation>エンドポイントを追加…</translation>
    </message>
    <message>
        <source>By its name</source>
        <translation>名前で指定</translation>
    </message>
    <message>
        <source>Find a model, or type its name</source>
        <translation>モデルを検索、または名前を入力</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>No models listed yet. Type a name, or refresh.</source>
        <translation>モデルの一覧はまだありません。名前を入力するか、更新してください。</translation>
    </message>
    <message>
        <source>Not refreshed. {why}</source>
        <translation>更新できませんでした。{why}</translation>
    </message>
    <message>
        <source>Refresh</source>
        <extracomment>On a button: ask for the list of models again</extracomment>
        <translation>更新</translation>
    </message>
    <message>
        <source>Use “{model}” at {endpoint}</source>
        <translation>{endpoint}の「{model}」を使う</translation>
    </message>
</context>
<context>
    <name>ModelQuestion</name>
    <message>
        <source>Try again with which model?</source>
        <translation>どのモデルでやり直しますか？</translation>
    </message>
</context>
<context>
    <name>Network</name>
    <message>
        <source>A SOCKS proxy takes names and passwords of at most 255 letters.</source>
        <translation>SOCKSプロキシのユーザー名とパスワードは255文字までです。</translation>
    </message>
    <message>
        <source>A proxy’s address begins with http://, https://, socks5:// or socks5h://.</source>
        <translation>プロキシのアドレスはhttp://、https://、socks5://、socks5h://のいずれかで始まります。</translation>
    </message>
    <message>
        <source>Begin the address with socks5:// if the proxy speaks SOCKS 5; SOCKS 4 can’t be used.</source>
        <translation>プロキシがSOCKS 5なら、アドレスをsocks5://で始めてください。SOCKS 4は使えません。</translation>
    </message>
    <message>
        <source>Check this computer’s clock.</source>
        <translation>このコンピューターの時計を確認してください。</translation>
    </message>
    <message>
        <source>Check this computer’s clock; if it is right, the service has to renew its certificate.</source>
        <translation>このコンピューターの時計を確認してください。正しければ、サービス側が証明書を更新する必要があります。</translation>
    </message>
    <message>
        <source>Enter the proxy’s address, like http://proxy.example:8080.</source>
        <translation>プロキシのアドレスを入力してください（例：http://proxy.example:8080）。</translation>
    </message>
    <message>
        <source>If the server is yours, name its certificate’s file under Settings, Network.</source>
        <translation>自分のサーバーなら、「設定」の「ネットワーク」でその証明書ファイルを指定してください。</translation>
    </message>
    <message>
        <source>If you trust who issued it, name the file of that authority under Settings, Network.</source>
        <translation>発行者を信頼する場合は、「設定」の「ネットワーク」でその認証局のファイルを指定してください。</translation>
    </message>
    <message>
        <source>Leave out what follows the port in the proxy’s address.</source>
        <translation>プロキシのアドレスで、ポートの後に続くものは除いてください。</translation>
    </message>
    <message>
        <source>Nothing is listening at {name}.</source>
        <translation>{name}で待ち受けているものがありません。</translation>
    </message>
    <message>
        <source>Something on the way shows its own: name its authority’s file under Settings, Network.</source>
        <translation>経路上の何かが独自の証明書を提示しています。「設定」の「ネットワーク」でその認証局のファイルを指定してください。</translation>
    </message>
    <message>
        <source>The answer could not be unpacked.</source>
        <translation>応答を展開できませんでした。</translation>
    </message>
    <message>
        <source>The certificate is for another name: check the address.</source>
        <translation>証明書が別の名前のものです。アドレスを確認してください。</translation>
    </message>
    <message>
        <source>The certificates in {ca_file} are damaged. Ask for the file again.</source>
        <translation>{ca_file}の証明書が壊れています。ファイルをもう一度入手してください。</translation>
    </message>
    <message>
        <source>The certificates of this system could not be read: {reason}</source>
        <translation>このシステムの証明書を読み取れませんでした：{reason}</translation>
    </message>
    <message>
        <source>The endpoint's extra fields hold something that JSON can't.</source>
        <translation>エンドポイントの追加フィールドに、JSONで表せないものがあります。</translation>
    </message>
    <message>
        <source>The name in the proxy’s address can’t be that of a computer.</source>
        <translation>プロキシのアドレスの名前は、ホスト名として使えません。</translation>
    </message>
    <message>
        <source>The name of one of the endpoint's headers has characters that can't be sent.</source>
        <translation>エンドポイントのヘッダー名に、送信できない文字があります。</translation>
    </message>
    <message>
        <source>The network is unreachable.</source>
        <translation>ネットワークに接続できません。</translation>
    </message>
    <message>
        <source>The port in the proxy’s address has to be a number from 1 to 65535.</source>
        <translation>プロキシのアドレスのポートは、1から65535までの数にしてください。</translation>
    </message>
    <message>
        <source>The port is missing: a proxy’s address ends like :8080.</source>
        <translation>ポートがありません。プロキシのアドレスは:8080のように終わります。</translation>
    </message>
    <message>
        <source>The proxy answered {status}.</source>
        <translation>プロキシの応答は{status}でした。</translation>
    </message>
    <message>
        <source>The proxy asks for a name and password. Put them into its address under Settings, Network: http://name:password@…</source>
        <translation>プロキシがユーザー名とパスワードを求めています。「設定」の「ネットワーク」でアドレスに含めてください：http://ユーザー名:パスワード@…</translation>
    </message>
    <message>
        <source>The proxy could not reach {host}: {reason}.</source>
        <translation>プロキシが{host}に接続できませんでした：{reason}。</translation>
    </message>
    <message>
        <source>The proxy did not accept the name and password. Enter them again under Settings, Network.</source>
        <translation>プロキシがユーザー名とパスワードを受け付けませんでした。「設定」の「ネットワーク」で入力し直してください。</translation>
    </message>
    <message>
        <source>The proxy named in the environment can’t be used: {error}</source>
        <translation>環境変数で指定されたプロキシは使えません：{error}</translation>
    </message>
    <message>
        <source>The proxy’s address has to look like http://proxy.example:8080.</source>
        <translation>プロキシのアドレスはhttp://proxy.example:8080のような形にしてください。</translation>
    </message>
    <message>
        <source>The proxy’s name and password stand in a file. Enter the proxy anew under Settings, Network.</source>
        <translation>プロキシのユーザー名とパスワードがファイルに書かれています。「設定」の「ネットワーク」でプロキシを入力し直してください。</translation>
    </message>
    <message>
        <source>The proxy’s name or password holds characters that can’t be sent.</source>
        <translation>プロキシのユーザー名かパスワードに、送信できない文字があります。</translation>
    </message>
    <message>
        <source>The proxy’s name {host} was not found.</source>
        <translation>プロキシの名前{host}が見つかりません。</translation>
    </message>
    <message>
        <source>The request could not be put into HTTP.</source>
        <translation>リクエストをHTTPにできませんでした。</translation>
    </message>
    <message>
        <source>The server does not speak TLS at this port. Perhaps the address should start with http://.</source>
        <translation>サーバーはこのポートでTLSを使っていません。アドレスはhttp://で始まるものかもしれません。</translation>
    </message>
    <message>
        <source>The server sends on in a circle.</source>
        <translation>サーバーの転送が循環しています。</translation>
    </message>
    <message>
        <source>The server sends on to {host}. Put that address into the endpoint if you trust it.</source>
        <translation>サーバーが{host}へ転送しています。信頼できるなら、そのアドレスをエンドポイントに設定してください。</translation>
    </message>
    <message>
        <source>The server sent too much: {error}.</source>
        <translation>サーバーから送られた内容が多すぎます：{error}。</translation>
    </message>
    <message>
        <source>The value of the header {name} has characters that can't be sent.</source>
        <translation>ヘッダー{name}の値に、送信できない文字があります。</translation>
    </message>
    <message>
        <source>There is a space in the proxy’s address.</source>
        <translation>プロキシのアドレスに空白があります。</translation>
    </message>
    <message>
        <source>There is no file {ca_file}. Choose the file of certificates again.</source>
        <translation>ファイル{ca_file}がありません。証明書ファイルを選び直してください。</translation>
    </message>
    <message>
        <source>This is an automatic configuration file (PAC), which can’t be used. Enter the proxy it names.</source>
        <translation>これは自動構成ファイル（PAC）で、使えません。その中で指定されているプロキシを入力してください。</translation>
    </message>
    <message>
        <source>This is the certificate of the proxy. {words}</source>
        <translation>これはプロキシの証明書です。{words}</translation>
    </message>
    <message>
        <source>What answers at {name} is no {scheme} proxy, or it closed the connection.</source>
        <translation>{name}で応答しているものは{scheme}プロキシではないか、接続を閉じました。</translation>
    </message>
    <message>
        <source>a single record is larger than {limit} MB</source>
        <translation>1つのレコードが{limit} MBを超えています</translation>
    </message>
    <message>
        <source>{ca_file} can’t be read ({reason}). Check its permissions.</source>
        <translation>{ca_file}を読み取れません（{reason}）。権限を確認してください。</translation>
    </message>
    <message>
        <source>{ca_file} holds a private key, not certificates. Choose the certificate of the authority.</source>
        <translation>{ca_file}に含まれるのは証明書ではなく秘密鍵です。認証局の証明書を選んでください。</translation>
    </message>
    <message>
        <source>{ca_file} holds no certificates in PEM form, which begin with “-----BEGIN CERTIFICATE-----”.</source>
        <translation>{ca_file}には、「-----BEGIN CERTIFICATE-----」で始まるPEM形式の証明書がありません。</translation>
    </message>
    <message>
        <source>{ca_file} is a folder. Choose the file of certificates in it.</source>
        <translation>{ca_file}はフォルダーです。その中の証明書ファイルを選んでください。</translation>
    </message>
    <message>
        <source>{name} did not answer in time.</source>
        <translation>{name}から時間内に応答がありませんでした。</translation>
    </message>
    <message>
        <source>{name} names {value}, which does not exist.</source>
        <translation>{name}に指定された{value}がありません。</translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>A file of certificates (PEM) that are trusted beside the system’s, for instance your company’s. Leave it empty where none is needed.</source>
        <translation>システムの証明書に加えて信頼する証明書のファイル（PEM）です。会社の証明書などに使います。不要な場合は空欄にしてください。</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>証明書</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>待ち時間</translation>
    </message>
    <message>
        <source>How services are reached. Servers on this computer are always asked directly, and an endpoint can have a way of its own.</source>
        <translation>サービスへの接続方法です。このコンピューター上のサーバーには常に直接接続します。エンドポイントごとに別の方法も設定できます。</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>ネットワーク</translation>
    </message>
    <message>
        <source>Not used yet: enter its address.</source>
        <translation>まだ使われていません。アドレスを入力してください。</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>プロキシ</translation>
    </message>
    <message>
        <source>{problem} Until then requests go as before.</source>
        <translation>{problem}それまでは、リクエストは従来どおり送られます。</translation>
    </message>
</context>
<context>
    <name>NetworkText</name>
    <message>
        <source>“{text}” has to be a number of seconds from {least} to {most}.</source>
        <translation>「{text}」は{least}から{most}までの秒数にしてください。</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Put this notice away</source>
        <translation>この通知を閉じる</translation>
    </message>
</context>
<context>
    <name>Notifier</name>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
    </message>
    <message>
        <source>The reply of {model} failed.</source>
        <translation>{model}は返答に失敗しました。</translation>
    </message>
    <message>
        <source>{model} has replied.</source>
        <translation>{model}から返答が届きました。</translation>
    </message>
</context>
<context>
    <name>Offers</name>
    <message>
        <source>Favourites</source>
        <translation>お気に入り</translation>
    </message>
    <message>
        <source>Used last</source>
        <translation>最近使ったもの</translation>
    </message>
</context>
<context>
    <name>OnceChip</name>
    <message>
        <source>@{model} at {endpoint} answers this once</source>
        <translation>今回だけ@{model}（{endpoint}）が答えます</translation>
    </message>
    <message>
        <source>Back to the conversation’s own model</source>
        <translation>会話本来のモデルに戻す</translation>
    </message>
</context>
<context>
    <name>OptionField</name>
    <message>
        <source>Left to the service</source>
        <translation>サービスに任せる</translation>
    </message>
    <message>
        <source>None</source>
        <comment>system prompt</comment>
        <translation>なし</translation>
    </message>
    <message>
        <source>Not sent</source>
        <translation>送信しない</translation>
    </message>
    <message>
        <source>Until then it is left to the service.</source>
        <translation>それまではサービスに任せます。</translation>
    </message>
</context>
<context>
    <name>Options</name>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>0から{most}までにしてください。</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>{least}以上にしてください。</translation>
    </message>
    <message>
        <source>No model writes that much.</source>
        <translation>それほど書けるモデルはありません。</translation>
    </message>
    <message>
        <source>This is not a number.</source>
        <translation>数値ではありません。</translation>
    </message>
    <message>
        <source>This is not a whole number.</source>
        <translation>整数ではありません。</translation>
    </message>
    <message>
        <source>This number is too large.</source>
        <translation>数値が大きすぎます。</translation>
    </message>
</context>
<context>
    <name>OptionsPanel</name>
    <message>
        <source>All at once, when it is done</source>
        <translation>完了後にまとめて</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>届いた順に</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>できる限り</translation>
    </message>
    <message>
        <source>Done</source>
        <extracomment>On a button that closes the panel</extracomment>
        <translation>完了</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>高</translation>
    </message>
    <message>
        <source>It is kept, but not sent.</source>
        <translation>保持されますが、送信されません。</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>サービスに任せる</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>返答の最大長（トークン数）</translation>
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
        <translation>最小</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>なし</translation>
    </message>
    <message>
        <source>Options of this conversation</source>
        <translation>この会話のオプション</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>推論</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>推論（トークン数）</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>すべてリセット</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>シード</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>停止する文字列（1行に1つ）</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>システムプロンプト</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>The number of tokens counts instead.</source>
        <translation>代わりにトークン数が使われます。</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>返答の表示</translation>
    </message>
    <message>
        <source>They go with every prompt from now on, here for {model}.</source>
        <translation>今後のすべてのプロンプトに適用されます。ここでは{model}用です。</translation>
    </message>
    <message>
        <source>They go with every prompt from now on.</source>
        <translation>今後のすべてのプロンプトに適用されます。</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>最高</translation>
    </message>
</context>
<context>
    <name>Outside</name>
    <message>
        <source>Desktop</source>
        <translation>デスクトップ</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>クイック質問</translation>
    </message>
    <message>
        <source>Settings: Desktop</source>
        <translation>設定：デスクトップ</translation>
    </message>
    <message>
        <source>notifications tray background quick question</source>
        <translation>通知 トレイ バックグラウンド クイック質問</translation>
    </message>
    <message>
        <source>small window ask</source>
        <translation>小さいウィンドウ 質問</translation>
    </message>
</context>
<context>
    <name>OwnForm</name>
    <message>
        <source>A JSON pointer to the text in each record that comes back. Leave it empty where Weir finds the text by itself, as in the usual forms.</source>
        <translation>返ってくる各レコード内でテキストを指すJSONポインターです。一般的な形式でWeirが自動で見つけられる場合は、空欄にしてください。</translation>
    </message>
    <message>
        <source>A form of your own</source>
        <translation>独自の形式</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>メソッド</translation>
    </message>
    <message>
        <source>Where the text is</source>
        <translation>テキストの位置</translation>
    </message>
</context>
<context>
    <name>OwnWay</name>
    <message>
        <source>A PEM file that is trusted for this endpoint, in place of the one under Network.</source>
        <translation>このエンドポイントで信頼するPEMファイルです。「ネットワーク」のファイルの代わりに使われます。</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>証明書ファイル</translation>
    </message>
    <message>
        <source>How long to wait</source>
        <translation>待ち時間</translation>
    </message>
    <message>
        <source>Network…</source>
        <translation>ネットワーク…</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>プロキシ</translation>
    </message>
    <message>
        <source>Shows proxy, certificates and waits of this endpoint</source>
        <translation>このエンドポイントのプロキシ、証明書、待ち時間を表示</translation>
    </message>
    <message>
        <source>What is left empty is as under Settings, Network.</source>
        <translation>空欄の項目は「設定」の「ネットワーク」に従います。</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>An action, a conversation or a model</source>
        <translation>操作、会話、モデル</translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>アーカイブ</translation>
    </message>
    <message>
        <source>Do or open anything</source>
        <translation>操作・項目を呼び出す</translation>
    </message>
    <message>
        <source>Done lately</source>
        <translation>最近の操作</translation>
    </message>
    <message>
        <source>Latest conversations</source>
        <translation>最近の会話</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>該当するものがありません。</translation>
    </message>
    <message>
        <source>What fits</source>
        <translation>候補</translation>
    </message>
    <message>
        <source>conversation</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>会話</translation>
    </message>
    <message>
        <source>model</source>
        <extracomment>Said of a row by a screen reader</extracomment>
        <translation>モデル</translation>
    </message>
    <message>
        <source>not possible now</source>
        <translation>今はできません</translation>
    </message>
</context>
<context>
    <name>PersonaButton</name>
    <message>
        <source>Edit personas…</source>
        <translation>ペルソナを編集…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>なし</translation>
    </message>
    <message>
        <source>Persona: none</source>
        <translation>ペルソナ：なし</translation>
    </message>
    <message>
        <source>Persona: {name}</source>
        <translation>ペルソナ：{name}</translation>
    </message>
</context>
<context>
    <name>PersonaField</name>
    <message>
        <source>Edit personas…</source>
        <translation>ペルソナを編集…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>persona</comment>
        <extracomment>No persona</extracomment>
        <translation>なし</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>ペルソナ</translation>
    </message>
    <message>
        <source>These values are this conversation’s own by now.</source>
        <translation>これらの値は、この会話独自のものになっています。</translation>
    </message>
    <message>
        <source>This conversation keeps these values, whatever the persona becomes.</source>
        <translation>ペルソナが変わっても、この会話はこれらの値を保ちます。</translation>
    </message>
    <message>
        <source>{name}, as it was</source>
        <translation>{name}（当時の内容）</translation>
    </message>
</context>
<context>
    <name>Personas</name>
    <message>
        <source>A conversation that was started before keeps the values that it has.</source>
        <translation>すでに始めた会話は、今の値を保ちます。</translation>
    </message>
    <message>
        <source>A persona is a system prompt with a name, and the model and options that go with it. A conversation takes its values over; changing the persona later does not change the conversation.</source>
        <translation>ペルソナは、名前の付いたシステムプロンプトと、それに伴うモデルとオプションです。会話はその値を引き継ぎ、後でペルソナを変更しても会話は変わりません。</translation>
    </message>
    <message>
        <source>A persona needs a name.</source>
        <translation>ペルソナには名前が必要です。</translation>
    </message>
    <message>
        <source>All at once, when it is done</source>
        <translation>完了後にまとめて</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>届いた順に</translation>
    </message>
    <message>
        <source>As much as it can</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>できる限り</translation>
    </message>
    <message>
        <source>For new conversations</source>
        <translation>新しい会話に使用</translation>
    </message>
    <message>
        <source>High</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>高</translation>
    </message>
    <message>
        <source>Left to the service</source>
        <translation>サービスに任せる</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>返答の最大長（トークン数）</translation>
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
        <translation>最小</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>New persona</source>
        <translation>新しいペルソナ</translation>
    </message>
    <message>
        <source>None</source>
        <comment>reasoning</comment>
        <extracomment>How much a model reasons: not at all</extracomment>
        <translation>なし</translation>
    </message>
    <message>
        <source>Nothing set</source>
        <translation>設定なし</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>ペルソナ</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>推論</translation>
    </message>
    <message>
        <source>Reasoning, in tokens</source>
        <translation>推論（トークン数）</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>シード</translation>
    </message>
    <message>
        <source>Stop at these texts, one a line</source>
        <translation>停止する文字列（1行に1つ）</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>システムプロンプト</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>The one chosen at the top</source>
        <translation>上部で選んだもの</translation>
    </message>
    <message>
        <source>The reply is shown</source>
        <translation>返答の表示</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Very high</source>
        <extracomment>How much a model reasons</extracomment>
        <translation>最高</translation>
    </message>
</context>
<context>
    <name>PickerButton</name>
    <message>
        <source>Choose a model</source>
        <translation>モデルを選択</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>モデル：{name}</translation>
    </message>
</context>
<context>
    <name>Picture</name>
    <message>
        <source>larger than {size}</source>
        <translation>{size}を超えています</translation>
    </message>
    <message>
        <source>not a picture of a kind that is shown</source>
        <translation>表示できる種類の画像ではありません</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>もうありません</translation>
    </message>
    <message>
        <source>the server answered {status}</source>
        <translation>サーバーの応答は{status}でした</translation>
    </message>
    <message>
        <source>the server can’t be reached</source>
        <translation>サーバーに接続できません</translation>
    </message>
    <message>
        <source>the server refuses it</source>
        <translation>サーバーに拒否されました</translation>
    </message>
    <message>
        <source>the server sends on to another</source>
        <translation>サーバーが別の場所へ転送しています</translation>
    </message>
</context>
<context>
    <name>PlaceHead</name>
    <message>
        <source>All conversations</source>
        <translation>すべての会話</translation>
    </message>
    <message>
        <source>Empty…</source>
        <extracomment>What is done, on a button: delete what is in the bin</extracomment>
        <translation>空にする…</translation>
    </message>
</context>
<context>
    <name>PlaceList</name>
    <message>
        <source>Delete the folder, keep its conversations</source>
        <translation>フォルダーを削除（会話は残す）</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>名前を変更…</translation>
    </message>
</context>
<context>
    <name>Placeholder</name>
    <message>
        <source>A problem</source>
        <translation>問題</translation>
    </message>
    <message>
        <source>File</source>
        <translation>ファイル</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>画像</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>録音・録画</translation>
    </message>
    <message>
        <source>Something else</source>
        <translation>その他</translation>
    </message>
    <message>
        <source>audio</source>
        <translation>音声</translation>
    </message>
    <message>
        <source>code that the service ran</source>
        <translation>サービスが実行したコード</translation>
    </message>
    <message>
        <source>content</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>file</source>
        <translation>ファイル</translation>
    </message>
    <message>
        <source>hidden reasoning</source>
        <translation>非公開の推論</translation>
    </message>
    <message>
        <source>image</source>
        <translation>画像</translation>
    </message>
    <message>
        <source>result of the code</source>
        <translation>コードの結果</translation>
    </message>
    <message>
        <source>video</source>
        <translation>動画</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>Conversations</source>
        <translation>会話</translation>
    </message>
    <message>
        <source>Endpoints, without keys</source>
        <translation>エンドポイント（キーを除く）</translation>
    </message>
    <message>
        <source>Log, without texts and keys</source>
        <translation>ログ（テキストとキーを除く）</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>ペルソナ</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>プロンプト</translation>
    </message>
    <message>
        <source>Reports of crashes, which are sent nowhere</source>
        <translation>クラッシュの報告（どこにも送信されません）</translation>
    </message>
</context>
<context>
    <name>PromptEdit</name>
    <message>
        <source>Prompt</source>
        <translation>プロンプト</translation>
    </message>
</context>
<context>
    <name>Prompts</name>
    <message>
        <source>New prompt</source>
        <translation>新しいプロンプト</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>プロンプト</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>テキスト</translation>
    </message>
    <message>
        <source>Texts to be used again. Type / in an empty line where you write, and choose one.</source>
        <translation>繰り返し使うテキストです。入力欄の空の行で / を入力して選びます。</translation>
    </message>
    <message>
        <source>There is no text yet.</source>
        <translation>まだテキストがありません。</translation>
    </message>
    <message>
        <source>To fill in: {names}</source>
        <translation>入力箇所：{names}</translation>
    </message>
    <message>
        <source>Translate into {{language=English}}: {{text}}</source>
        <translation>{{言語=日本語}}に翻訳：{{本文}}</translation>
    </message>
    <message>
        <source>{{topic}} is a place to fill in, under any name; {{language=English}} is filled in already and may be changed; {{clipboard}} is what was copied last, {{date}} the date of the day.</source>
        <translation>{{テーマ}}は入力箇所で、名前は自由です。{{言語=日本語}}はあらかじめ入力されており、変更できます。{{clipboard}}は最後にコピーしたもの、{{date}}は当日の日付です。</translation>
    </message>
</context>
<context>
    <name>Provider</name>
    <message>
        <source>Google did not let this prompt through ({reason}).</source>
        <translation>Googleがこのプロンプトを通しませんでした（{reason}）。</translation>
    </message>
    <message>
        <source>It did not say where the reply will be.</source>
        <translation>返答の場所が示されませんでした。</translation>
    </message>
    <message>
        <source>It failed and gave no reason.</source>
        <translation>失敗しましたが、理由は示されていません。</translation>
    </message>
    <message>
        <source>It gave no reason.</source>
        <translation>理由は示されていません。</translation>
    </message>
    <message>
        <source>It has to be from 0 to {most}.</source>
        <translation>0から{most}までにしてください。</translation>
    </message>
    <message>
        <source>It has to be {least} or more.</source>
        <translation>{least}以上にしてください。</translation>
    </message>
    <message>
        <source>Not known to {title}.</source>
        <translation>{title}では使えません。</translation>
    </message>
    <message>
        <source>Not together with reasoning.</source>
        <translation>推論と同時には使えません。</translation>
    </message>
    <message>
        <source>The demo model does not reason.</source>
        <translation>デモモデルは推論しません。</translation>
    </message>
    <message>
        <source>The endpoint’s form has no {place}.</source>
        <translation>エンドポイントの形式に{place}がありません。</translation>
    </message>
    <message>
        <source>The flow decides this by itself.</source>
        <translation>フローが自ら決定します。</translation>
    </message>
    <message>
        <source>The key for the header {header} is missing.</source>
        <translation>ヘッダー{header}のキーがありません。</translation>
    </message>
    <message>
        <source>The key holds characters that can't be sent. Copy it again, without quotes or line breaks.</source>
        <translation>キーに送信できない文字が含まれています。引用符や改行を含めずに、コピーし直してください。</translation>
    </message>
    <message>
        <source>The list of releases</source>
        <translation>リリース一覧</translation>
    </message>
    <message>
        <source>The model's server ended the reply with an error.</source>
        <translation>モデルのサーバーがエラーで返答を終了しました。</translation>
    </message>
    <message>
        <source>The prediction ended with an error.</source>
        <translation>予測がエラーで終了しました。</translation>
    </message>
    <message>
        <source>The prediction failed.</source>
        <translation>予測が失敗しました。</translation>
    </message>
    <message>
        <source>Together with reasoning it has to be 0.95 or more.</source>
        <translation>推論と同時に使う場合は0.95以上にしてください。</translation>
    </message>
    <message>
        <source>the model on this computer</source>
        <translation>このコンピューター上のモデル</translation>
    </message>
    <message>
        <source>your own form</source>
        <translation>独自の形式</translation>
    </message>
    <message>
        <source>{model} does not stream. Its replies come at once.</source>
        <translation>{model}はストリーミングしません。返答は一度に届きます。</translation>
    </message>
    <message>
        <source>{model} does not take it.</source>
        <translation>{model}では使えません。</translation>
    </message>
    <message>
        <source>“{provider}” is not known.</source>
        <translation>「{provider}」は不明です。</translation>
    </message>
</context>
<context>
    <name>ProxyFields</name>
    <message>
        <source>Address of the proxy</source>
        <translation>プロキシのアドレス</translation>
    </message>
    <message>
        <source>As under Settings, Network</source>
        <translation>「設定」の「ネットワーク」に従う</translation>
    </message>
    <message>
        <source>Begins with http://, https://, socks5:// or socks5h:// and ends in the port. If it wants a login, type http://name:password@proxy.example:8080; name and password go into the keyring.</source>
        <translation>http://、https://、socks5://、socks5h://のいずれかで始まり、ポートで終わります。ログインが必要な場合は http://ユーザー名:パスワード@proxy.example:8080 と入力してください。ユーザー名とパスワードはキーリングに保存されます。</translation>
    </message>
    <message>
        <source>Its name and password are in memory, for this run only.</source>
        <translation>ユーザー名とパスワードはメモリ上にあり、今回の実行でのみ有効です。</translation>
    </message>
    <message>
        <source>Its name and password are in the keyring. Type the address with new ones to replace them.</source>
        <translation>ユーザー名とパスワードはキーリングにあります。置き換えるには、新しいものを含むアドレスを入力してください。</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>システムに合わせる</translation>
    </message>
    <message>
        <source>No proxy</source>
        <translation>プロキシなし</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>プロキシ</translation>
    </message>
    <message>
        <source>Remove name and password</source>
        <translation>ユーザー名とパスワードを削除</translation>
    </message>
    <message>
        <source>Straight to the service, whatever the system says.</source>
        <translation>システムの設定にかかわらず、サービスに直接接続します。</translation>
    </message>
    <message>
        <source>The variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, on macOS and Windows the system’s settings too.</source>
        <translation>変数HTTPS_PROXY、HTTP_PROXY、ALL_PROXY、NO_PROXYを使います。macOSとWindowsではシステムの設定も使います。</translation>
    </message>
    <message>
        <source>This proxy</source>
        <translation>このプロキシ</translation>
    </message>
</context>
<context>
    <name>QuickQuestion</name>
    <message>
        <source>Choose a model first.</source>
        <translation>先にモデルを選択してください。</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. Send again in a moment.</source>
        <translation>エンドポイントを読み込んでいます。少し待ってから送信し直してください。</translation>
    </message>
</context>
<context>
    <name>QuickWindow</name>
    <message>
        <source>Ask anything</source>
        <translation>何でも聞いてください</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>ファイルを添付</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>Copy reply</source>
        <translation>返答をコピー</translation>
    </message>
    <message>
        <source>New question</source>
        <translation>新しい質問</translation>
    </message>
    <message>
        <source>Open in Weir</source>
        <translation>Weirで開く</translation>
    </message>
    <message>
        <source>Quick question – Weir</source>
        <translation>クイック質問 – Weir</translation>
    </message>
    <message>
        <source>Reply…</source>
        <translation>返信…</translation>
    </message>
    <message>
        <source>The reply was copied.</source>
        <translation>返答をコピーしました。</translation>
    </message>
    <message>
        <source>Your endpoints are still being read. This is sent in a moment.</source>
        <translation>エンドポイントを読み込んでいます。まもなく送信されます。</translation>
    </message>
</context>
<context>
    <name>RecordModel</name>
    <message>
        <source>Became</source>
        <extracomment>Over a column: what Weir made of a record</extracomment>
        <translation>解釈結果</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>イベント</translation>
    </message>
    <message>
        <source>Gap</source>
        <extracomment>Over a column: the time between a record and the one before</extracomment>
        <translation>間隔</translation>
    </message>
    <message>
        <source>Record {number} after {time}, {size}: {became}</source>
        <translation>レコード{number}、{time}後、{size}：{became}</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>サイズ</translation>
    </message>
    <message>
        <source>Time</source>
        <extracomment>Over a column: when a record came, after the request</extracomment>
        <translation>時間</translation>
    </message>
</context>
<context>
    <name>RecordPage</name>
    <message>
        <source>As it came</source>
        <translation>受信したまま</translation>
    </message>
    <message>
        <source>Choose a record in the list.</source>
        <translation>リストでレコードを選んでください。</translation>
    </message>
    <message>
        <source>Event “{event}”.</source>
        <translation>イベント「{event}」。</translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation>ありません。</translation>
    </message>
    <message numerus="yes">
        <source>Record {number}: after {time}, {gap} after the one before; {size} in %n read(s).</source>
        <extracomment>A read is one portion of bytes as it came over the connection</extracomment>
        <translation>
            <numerusform>レコード{number}：{time}後、前のレコードから{gap}後。{size}、読み取り%n回。</numerusform>
        </translation>
    </message>
    <message>
        <source>What it became</source>
        <translation>解釈結果</translation>
    </message>
</context>
<context>
    <name>RecordView</name>
    <message>
        <source>Records</source>
        <translation>レコード</translation>
    </message>
    <message>
        <source>The record was copied.</source>
        <translation>レコードをコピーしました。</translation>
    </message>
</context>
<context>
    <name>Recorder</name>
    <message>
        <source>Press the new keys. Escape leaves them as they are.</source>
        <translation>新しいキーを押してください。Escで元のままにします。</translation>
    </message>
</context>
<context>
    <name>RowDelegate</name>
    <message>
        <source>Title of the conversation</source>
        <translation>会話のタイトル</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>Archive</source>
        <comment>what is done</comment>
        <extracomment>What is done: put conversations into the archive</extracomment>
        <translation>アーカイブに入れる</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>削除</translation>
    </message>
    <message>
        <source>Delete for good…</source>
        <translation>完全に削除…</translation>
    </message>
    <message>
        <source>Move to</source>
        <translation>移動先</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>フォルダー名</translation>
    </message>
    <message>
        <source>Name of the tag</source>
        <translation>タグ名</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新しいフォルダー</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>新しいフォルダー…</translation>
    </message>
    <message>
        <source>New tag</source>
        <translation>新しいタグ</translation>
    </message>
    <message>
        <source>New tag…</source>
        <translation>新しいタグ…</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>フォルダーなし</translation>
    </message>
    <message>
        <source>Pin</source>
        <extracomment>What is done: keep a conversation at the top of the list</extracomment>
        <translation>ピン留め</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>名前を変更</translation>
    </message>
    <message>
        <source>Restore</source>
        <extracomment>What is done: take conversations out of the bin</extracomment>
        <translation>復元</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>タグ</translation>
    </message>
    <message>
        <source>Take out of the archive</source>
        <extracomment>What is done: show archived conversations in the list again</extracomment>
        <translation>アーカイブから出す</translation>
    </message>
    <message>
        <source>Unpin</source>
        <extracomment>What is done: no longer keep a conversation at the top of the list</extracomment>
        <translation>ピン留め解除</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search</source>
        <translation>検索</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>すべてを検索</translation>
    </message>
</context>
<context>
    <name>Serving</name>
    <message>
        <source>The message and what follows it were deleted.</source>
        <translation>メッセージとそれ以降を削除しました。</translation>
    </message>
    <message>
        <source>The message was deleted.</source>
        <translation>メッセージを削除しました。</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>About</source>
        <translation>Weirについて</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外観</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>データ</translation>
    </message>
    <message>
        <source>Endpoints</source>
        <translation>エンドポイント</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>キーボード</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>ネットワーク</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>このコンピューター</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>ページ</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>ペルソナ</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>プロンプト</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>設定</translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted for good.</source>
        <translation>
            <numerusform>%n件の会話を完全に削除しました。</numerusform>
        </translation>
    </message>
    <message>
        <source>Emptying the bin</source>
        <translation>ごみ箱を空にしています</translation>
    </message>
    <message numerus="yes">
        <source>Emptying the bin: %n deleted</source>
        <translation>
            <numerusform>ごみ箱を空にしています：%n件を削除</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ShelfRow</name>
    <message>
        <source>Go to this row</source>
        <translation>この行へ移動</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>その他の操作</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>on screen</source>
        <translation>表示中</translation>
    </message>
</context>
<context>
    <name>ShelfRows</name>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
    </message>
</context>
<context>
    <name>ShelfView</name>
    <message>
        <source>Conversations</source>
        <translation>会話</translation>
    </message>
    <message>
        <source>Kept for 30 days</source>
        <translation>30日間保管</translation>
    </message>
    <message>
        <source>Pinned</source>
        <extracomment>Over the conversations that are kept at the top</extracomment>
        <translation>ピン留め</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <extracomment>The seven days before yesterday</extracomment>
        <translation>過去7日間</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨日</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Always so: the list of conversations</source>
        <translation>固定のキー：会話リスト</translation>
    </message>
    <message>
        <source>Always so: the transcript</source>
        <translation>固定のキー：会話の内容</translation>
    </message>
    <message>
        <source>Always so: writing</source>
        <translation>固定のキー：入力</translation>
    </message>
    <message>
        <source>Arrows</source>
        <extracomment>The four arrow keys</extracomment>
        <translation>矢印キー</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>変更…</translation>
    </message>
    <message>
        <source>Choose several</source>
        <translation>複数選択</translation>
    </message>
    <message>
        <source>Copy, select all</source>
        <translation>コピー、すべて選択</translation>
    </message>
    <message>
        <source>Extend the selection</source>
        <translation>選択範囲を広げる</translation>
    </message>
    <message>
        <source>Find a shortcut</source>
        <translation>ショートカットを検索</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>キーボードショートカット</translation>
    </message>
    <message>
        <source>Menu</source>
        <extracomment>What a key does: open the menu</extracomment>
        <translation>メニュー</translation>
    </message>
    <message>
        <source>New line</source>
        <translation>改行</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>該当するものがありません。</translation>
    </message>
    <message>
        <source>Open</source>
        <extracomment>Open the conversation</extracomment>
        <translation>開く</translation>
    </message>
    <message>
        <source>Scroll</source>
        <extracomment>What keys do</extracomment>
        <translation>スクロール</translation>
    </message>
    <message>
        <source>Send</source>
        <extracomment>What a key does</extracomment>
        <translation>送信</translation>
    </message>
    <message>
        <source>Shift and arrows</source>
        <translation>Shift＋矢印キー</translation>
    </message>
    <message>
        <source>Shift or Ctrl and arrows, Space</source>
        <translation>ShiftかCtrl＋矢印キー、スペース</translation>
    </message>
    <message>
        <source>Stop, else close what is open</source>
        <translation>停止、または開いているものを閉じる</translation>
    </message>
    <message>
        <source>To a message’s actions, and the next message’s</source>
        <translation>メッセージの操作へ、続けて次のメッセージの操作へ</translation>
    </message>
    <message>
        <source>To the next control, and back</source>
        <translation>次のコントロールへ、前のコントロールへ</translation>
    </message>
</context>
<context>
    <name>ShownModel</name>
    <message>
        <source>Starting the model</source>
        <translation>モデルを起動中</translation>
    </message>
    <message>
        <source>The model is ready.</source>
        <translation>モデルの準備ができました。</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message numerus="yes">
        <source>%n and more found</source>
        <translation>
            <numerusform>検索結果%n件以上</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>検索結果%n件</numerusform>
        </translation>
    </message>
    <message>
        <source>Archive</source>
        <extracomment>A place: where archived conversations are</extracomment>
        <translation>アーカイブ</translation>
    </message>
    <message>
        <source>Bin</source>
        <translation>ごみ箱</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n conversation(s) for good?</source>
        <translation>
            <numerusform>%n件の会話を完全に削除しますか？</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete everything in the bin for good?</source>
        <translation>ごみ箱の中身をすべて完全に削除しますか？</translation>
    </message>
    <message>
        <source>Delete for good</source>
        <translation>完全に削除</translation>
    </message>
    <message>
        <source>Delete this conversation for good?</source>
        <translation>この会話を完全に削除しますか？</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
    </message>
    <message>
        <source>No conversation has this tag.</source>
        <translation>このタグの付いた会話はありません。</translation>
    </message>
    <message>
        <source>Nothing found. Try fewer or other words.</source>
        <translation>見つかりませんでした。言葉を減らすか、変えてみてください。</translation>
    </message>
    <message>
        <source>Nothing here yet. Drag conversations onto the folder, or use their menu.</source>
        <translation>まだ何もありません。会話をフォルダーにドラッグするか、会話のメニューを使ってください。</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>設定</translation>
    </message>
    <message>
        <source>The bin is empty. What you delete is kept here for 30 days.</source>
        <translation>ごみ箱は空です。削除したものは30日間ここに保管されます。</translation>
    </message>
    <message>
        <source>This can’t be undone.</source>
        <translation>この操作は元に戻せません。</translation>
    </message>
    <message>
        <source>What you archive stays out of the way here, and search still finds it.</source>
        <translation>アーカイブした会話はここに置かれます。検索では引き続き見つかります。</translation>
    </message>
</context>
<context>
    <name>Spelling</name>
    <message>
        <source>Add to the dictionary</source>
        <translation>辞書に追加</translation>
    </message>
    <message>
        <source>Ignore</source>
        <extracomment>What is done: no longer mark a word</extracomment>
        <translation>無視</translation>
    </message>
    <message>
        <source>No suggestions</source>
        <translation>候補なし</translation>
    </message>
</context>
<context>
    <name>SpellingCard</name>
    <message>
        <source>Looking for dictionaries…</source>
        <translation>辞書を探しています…</translation>
    </message>
    <message>
        <source>Mark words that no dictionary knows</source>
        <translation>辞書にない単語に印を付ける</translation>
    </message>
    <message>
        <source>Spelling</source>
        <translation>スペルチェック</translation>
    </message>
    <message>
        <source>This system has no dictionary that Weir can use. On Linux it is Enchant 2 with one for Hunspell, for instance libenchant-2-2 and hunspell-en-us on Debian and Ubuntu.</source>
        <translation>このシステムにはWeirで使える辞書がありません。Linuxでは、Enchant 2とHunspell用の辞書が必要です（DebianとUbuntuではlibenchant-2-2とhunspell-en-usなど）。</translation>
    </message>
    <message>
        <source>With this system’s dictionaries: {names}. Nothing leaves this computer.</source>
        <translation>このシステムの辞書を使います：{names}。このコンピューターから外へは何も出ません。</translation>
    </message>
</context>
<context>
    <name>Store</name>
    <message>
        <source>"POST", "PUT" or "GET"</source>
        <translation>"POST"、"PUT"、"GET"のいずれか</translation>
    </message>
    <message>
        <source>"system", "none" or an address like http://proxy.example:8080</source>
        <translation>"system"、"none"、またはhttp://proxy.example:8080のようなアドレス</translation>
    </message>
    <message>
        <source>An older Weir is running with this history. Close it, then start this one again.</source>
        <translation>古いWeirがこの履歴を使用中です。それを閉じてから、こちらを起動し直してください。</translation>
    </message>
    <message>
        <source>Another Weir has been writing to the history for too long. Close it, then try again.</source>
        <translation>別のWeirが長時間にわたり履歴に書き込んでいます。それを閉じてから、やり直してください。</translation>
    </message>
    <message>
        <source>Another Weir is preparing the history. Wait for it, then try again.</source>
        <translation>別のWeirが履歴を準備しています。終わるのを待ってから、やり直してください。</translation>
    </message>
    <message>
        <source>Another program holds the history. Close that program, then try again.</source>
        <translation>別のプログラムが履歴を使用中です。そのプログラムを閉じてから、やり直してください。</translation>
    </message>
    <message>
        <source>Here stands only the name of the key in the keyring.</source>
        <translation>ここに書くのは、キーリング内のキーの名前だけです。</translation>
    </message>
    <message>
        <source>The disk did not do what was asked of it. Check its free space and its health, then try again.</source>
        <translation>ディスクが操作を実行できませんでした。空き容量と状態を確認してから、やり直してください。</translation>
    </message>
    <message>
        <source>The disk is full. Make room on it, then try again.</source>
        <translation>ディスクがいっぱいです。空きを増やしてから、やり直してください。</translation>
    </message>
    <message>
        <source>The file could not be written: {why}.</source>
        <translation>ファイルを書き込めませんでした：{why}。</translation>
    </message>
    <message>
        <source>The file where Weir keeps its history belongs to another program. It has not been touched. Move it elsewhere, or start Weir with another data folder.</source>
        <translation>Weirが履歴を保存するファイルは、別のプログラムのものです。変更は加えていません。別の場所に移すか、別のデータフォルダーでWeirを起動してください。</translation>
    </message>
    <message>
        <source>The history can't be opened or changed. Check the permissions of Weir's data folder.</source>
        <translation>履歴を開くことも変更することもできません。Weirのデータフォルダーの権限を確認してください。</translation>
    </message>
    <message>
        <source>The history file is damaged. Start Weir again: the damaged file is then set aside and kept.</source>
        <translation>履歴ファイルが壊れています。Weirを起動し直すと、壊れたファイルは別に保管されます。</translation>
    </message>
    <message>
        <source>There is no file {name}.</source>
        <translation>ファイル{name}がありません。</translation>
    </message>
    <message>
        <source>This conversation is no longer in the history.</source>
        <translation>この会話はもう履歴にありません。</translation>
    </message>
    <message>
        <source>This history was written by a newer version of Weir. It has not been touched. Install the newer version to open it.</source>
        <translation>この履歴は新しいバージョンのWeirで書かれています。変更は加えていません。開くには、新しいバージョンをインストールしてください。</translation>
    </message>
    <message>
        <source>This is too large to be saved.</source>
        <translation>大きすぎるため保存できません。</translation>
    </message>
    <message>
        <source>Too many nested values</source>
        <translation>値の入れ子が多すぎます</translation>
    </message>
    <message>
        <source>Weir is closing; the history can't be read.</source>
        <translation>Weirの終了中のため、履歴を読み取れません。</translation>
    </message>
    <message>
        <source>Weir is closing; this was not saved.</source>
        <translation>Weirの終了中のため、保存されませんでした。</translation>
    </message>
    <message>
        <source>Weir is running with this history. Close it first, then try again.</source>
        <translation>Weirがこの履歴を使用中です。先に閉じてから、やり直してください。</translation>
    </message>
    <message>
        <source>Weir made a mistake while it used the history. The log has the details.</source>
        <translation>履歴の使用中にWeirで問題が起きました。詳細はログにあります。</translation>
    </message>
    <message>
        <source>a JSON object in quotation marks</source>
        <translation>引用符で囲んだJSONオブジェクト</translation>
    </message>
    <message>
        <source>a JSON pointer, like /data/text</source>
        <translation>/data/textのようなJSONポインター</translation>
    </message>
    <message>
        <source>a list of texts, like ["one", "two"]</source>
        <translation>["one", "two"]のようなテキストのリスト</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>数値</translation>
    </message>
    <message>
        <source>a number of seconds from {least} to {most}</source>
        <translation>{least}から{most}までの秒数</translation>
    </message>
    <message>
        <source>a table, like [endpoint.body]</source>
        <translation>[endpoint.body]のようなテーブル</translation>
    </message>
    <message>
        <source>a table, like [endpoint.headers]</source>
        <translation>[endpoint.headers]のようなテーブル</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>an endpoint needs a name: add name = "…".</source>
        <translation>エンドポイントには名前が必要です。name = "…" を追加してください。</translation>
    </message>
    <message>
        <source>another endpoint has the id “{id}” already. Give this one another id.</source>
        <translation>id「{id}」は別のエンドポイントで使われています。別のidを付けてください。</translation>
    </message>
    <message>
        <source>another one has the id “{id}” already. Give this one another id.</source>
        <translation>id「{id}」は別の項目で使われています。別のidを付けてください。</translation>
    </message>
    <message>
        <source>each begins with [[{kind}]], in double brackets.</source>
        <translation>各項目は二重の角かっこで[[{kind}]]と始めます。</translation>
    </message>
    <message>
        <source>endpoints begin with [[endpoint]], in double brackets.</source>
        <translation>エンドポイントは二重の角かっこで[[endpoint]]と始めます。</translation>
    </message>
    <message>
        <source>it can't be read ({reason}). Check its permissions.</source>
        <translation>読み取れません（{reason}）。権限を確認してください。</translation>
    </message>
    <message>
        <source>it can't be written ({reason}). Check the free space and the folder's permissions.</source>
        <translation>書き込めません（{reason}）。空き容量とフォルダーの権限を確認してください。</translation>
    </message>
    <message>
        <source>it holds text that is not Unicode</source>
        <translation>Unicodeではないテキストが含まれています</translation>
    </message>
    <message>
        <source>it needs a name: add name = "…".</source>
        <translation>名前が必要です。name = "…" を追加してください。</translation>
    </message>
    <message>
        <source>one of {names}</source>
        <translation>{names}のいずれか</translation>
    </message>
    <message>
        <source>text in quotation marks</source>
        <translation>引用符で囲んだテキスト</translation>
    </message>
    <message>
        <source>the disk gave no reason</source>
        <translation>ディスクから理由が示されませんでした</translation>
    </message>
    <message>
        <source>the endpoints can't be written as TOML. Nothing was changed.</source>
        <translation>エンドポイントをTOMLとして書き込めません。何も変更していません。</translation>
    </message>
    <message>
        <source>the header “{name}” has to be text in quotation marks.</source>
        <translation>ヘッダー「{name}」は、引用符で囲んだテキストにしてください。</translation>
    </message>
    <message>
        <source>the name of a key in the keyring, in quotation marks</source>
        <translation>キーリング内のキーの名前（引用符で囲む）</translation>
    </message>
    <message>
        <source>the name of an entry in the keyring, in quotation marks</source>
        <translation>キーリング内の項目の名前（引用符で囲む）</translation>
    </message>
    <message>
        <source>the path of a file, in quotation marks</source>
        <translation>ファイルのパス（引用符で囲む）</translation>
    </message>
    <message>
        <source>this can't be written as TOML. Nothing was changed.</source>
        <translation>TOMLとして書き込めません。何も変更していません。</translation>
    </message>
    <message>
        <source>this is not UTF-8 text. Save the file as UTF-8, then try again.</source>
        <translation>UTF-8のテキストではありません。ファイルをUTF-8で保存してから、やり直してください。</translation>
    </message>
    <message>
        <source>this is not valid TOML ({reason}). Correct the line, then try again; nothing was changed.</source>
        <translation>正しいTOMLではありません（{reason}）。その行を直してから、やり直してください。何も変更していません。</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>trueまたはfalse</translation>
    </message>
    <message>
        <source>two endpoints have the same id. Nothing was changed.</source>
        <translation>2つのエンドポイントのidが同じです。何も変更していません。</translation>
    </message>
    <message>
        <source>{file}, line {line}: {words}</source>
        <translation>{file}、{line}行目：{words}</translation>
    </message>
    <message>
        <source>{file}: {words}</source>
        <translation>{file}：{words}</translation>
    </message>
    <message>
        <source>“body_json” has to be a JSON object in quotation marks.</source>
        <translation>「body_json」は、引用符で囲んだJSONオブジェクトにしてください。</translation>
    </message>
    <message>
        <source>“{name}” has to be {words}.</source>
        <translation>「{name}」は次のものにしてください：{words}。</translation>
    </message>
    <message>
        <source>“{name}” looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints.</source>
        <translation>「{name}」は機密情報のようです。キーはシステムのキーリングに置くものです。ここから取り除き、「設定」の「エンドポイント」でキーを追加してください。</translation>
    </message>
    <message>
        <source>“{name}” of {endpoint} looks like a secret. Keys belong in the system's keyring: take it out here and add the key under Settings, Endpoints. Nothing was changed.</source>
        <translation>{endpoint}の「{name}」は機密情報のようです。キーはシステムのキーリングに置くものです。ここから取り除き、「設定」の「エンドポイント」でキーを追加してください。何も変更していません。</translation>
    </message>
</context>
<context>
    <name>Suggestions</name>
    <message>
        <source>Suggestions</source>
        <translation>候補</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>There is no summary, and nothing was sent.</source>
        <translation>要約ができず、何も送信されませんでした。</translation>
    </message>
</context>
<context>
    <name>Telling</name>
    <message numerus="yes">
        <source>%n conversation(s) were deleted.</source>
        <translation>
            <numerusform>%n件の会話を削除しました。</numerusform>
        </translation>
    </message>
    <message>
        <source>A reply has come in “{title}”.</source>
        <translation>「{title}」に返答が届きました。</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>設定</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>報告を表示</translation>
    </message>
    <message>
        <source>Something went wrong in Weir last time. A report of it is on this computer; it was sent nowhere.</source>
        <translation>前回、Weirで問題が起きました。その報告はこのコンピューターにあり、どこにも送信されていません。</translation>
    </message>
    <message>
        <source>The endpoint “{name}” was removed.</source>
        <translation>エンドポイント「{name}」を削除しました。</translation>
    </message>
    <message>
        <source>The folder “{name}” was deleted. What was in it is kept.</source>
        <translation>フォルダー「{name}」を削除しました。中にあったものは残っています。</translation>
    </message>
    <message>
        <source>The reply in “{title}” failed.</source>
        <translation>「{title}」で返答に失敗しました。</translation>
    </message>
    <message>
        <source>This computer has no keyring that Weir can use. Keys are kept for this run only.</source>
        <translation>このコンピューターにはWeirで使えるキーリングがありません。キーは今回の実行中だけ保持されます。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>元に戻す</translation>
    </message>
    <message>
        <source>{endpoint}: {key}.</source>
        <translation>{endpoint}：{key}。</translation>
    </message>
    <message>
        <source>“{title}” was deleted.</source>
        <translation>「{title}」を削除しました。</translation>
    </message>
</context>
<context>
    <name>TimeFields</name>
    <message>
        <source>For a connection</source>
        <translation>接続まで</translation>
    </message>
    <message>
        <source>For the first words</source>
        <translation>最初の言葉まで</translation>
    </message>
    <message>
        <source>In a silence after them</source>
        <translation>その後の無通信</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>秒</translation>
    </message>
    <message>
        <source>s, from {least} to {most}</source>
        <extracomment>After a field for seconds: the unit, and what may stand in it</extracomment>
        <translation>秒（{least}～{most}）</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message numerus="yes">
        <source>%n column(s)</source>
        <translation>
            <numerusform>%n列</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more sentence(s) to read</source>
        <translation>
            <numerusform>残り%n文</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new word(s)</source>
        <translation>
            <numerusform>新着%n語</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%n行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%nトークン</numerusform>
        </translation>
    </message>
    <message>
        <source>Actions of: {message}</source>
        <translation>操作：{message}</translation>
    </message>
    <message>
        <source>Can’t be shown: {reason}</source>
        <translation>表示できません：{reason}</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>検索を閉じる</translation>
    </message>
    <message>
        <source>Code block</source>
        <translation>コードブロック</translation>
    </message>
    <message>
        <source>Compare replies</source>
        <translation>返答を比較</translation>
    </message>
    <message>
        <source>Continue</source>
        <extracomment>Have the model write on from where it stopped</extracomment>
        <translation>続ける</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>会話</translation>
    </message>
    <message>
        <source>Copied</source>
        <extracomment>Said once a text is on the clipboard</extracomment>
        <translation>コピー済み</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Copy as plain text</source>
        <translation>プレーンテキストとしてコピー</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>コードをコピー</translation>
    </message>
    <message>
        <source>Copy link address</source>
        <translation>リンクのアドレスをコピー</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>メッセージをコピー</translation>
    </message>
    <message>
        <source>Copy message as plain text</source>
        <translation>メッセージをプレーンテキストとしてコピー</translation>
    </message>
    <message>
        <source>Copy message as rich text</source>
        <translation>メッセージをリッチテキストとしてコピー</translation>
    </message>
    <message>
        <source>Copy message with its reasoning</source>
        <translation>メッセージを推論とともにコピー</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>削除</translation>
    </message>
    <message>
        <source>Edit</source>
        <extracomment>What is done, on a button</extracomment>
        <translation>編集</translation>
    </message>
    <message>
        <source>File without a name</source>
        <translation>名前のないファイル</translation>
    </message>
    <message>
        <source>Find in the conversation</source>
        <translation>会話内を検索</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>検索…</translation>
    </message>
    <message>
        <source>Fork from here</source>
        <extracomment>Go on from this message in a conversation of its own</extracomment>
        <translation>ここから分岐</translation>
    </message>
    <message>
        <source>Go to the end</source>
        <translation>末尾へ移動</translation>
    </message>
    <message>
        <source>Go to this message</source>
        <translation>このメッセージへ移動</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>隠す</translation>
    </message>
    <message>
        <source>In this message</source>
        <translation>このメッセージ内</translation>
    </message>
    <message>
        <source>Inspect the stream</source>
        <translation>ストリームを調べる</translation>
    </message>
    <message>
        <source>Instructions</source>
        <extracomment>Over a message: who wrote it</extracomment>
        <translation>指示</translation>
    </message>
    <message>
        <source>Interrupted when Weir ended</source>
        <translation>Weirの終了により中断</translation>
    </message>
    <message>
        <source>It asks to wait {time}.</source>
        <translation>{time}待つよう求められています。</translation>
    </message>
    <message>
        <source>Line across the page</source>
        <translation>区切り線</translation>
    </message>
    <message numerus="yes">
        <source>List of %n item(s)</source>
        <translation>
            <numerusform>%n項目のリスト</numerusform>
        </translation>
    </message>
    <message>
        <source>Load from {host}</source>
        <translation>{host}から読み込む</translation>
    </message>
    <message>
        <source>Load picture</source>
        <translation>画像を読み込む</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>読み込み中…</translation>
    </message>
    <message>
        <source>Message actions</source>
        <translation>メッセージの操作</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>その他の操作</translation>
    </message>
    <message>
        <source>New text</source>
        <translation>新しいテキスト</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>次の一致</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>次のバージョン</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>一致なし</translation>
    </message>
    <message>
        <source>Note {mark}</source>
        <translation>注{mark}</translation>
    </message>
    <message>
        <source>Of what is above this line the model sees only a summary</source>
        <translation>この線より上は、モデルには要約だけが見えています</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>リンクを開く</translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation>設定を開く</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>画像</translation>
    </message>
    <message>
        <source>Picture that can’t be shown</source>
        <translation>表示できない画像</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>前の一致</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>前のバージョン</translation>
    </message>
    <message>
        <source>Quote</source>
        <translation>引用</translation>
    </message>
    <message>
        <source>Reply</source>
        <extracomment>Over a message whose model is not known</extracomment>
        <translation>返答</translation>
    </message>
    <message>
        <source>Reply finished</source>
        <translation>返答が完了しました</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save code</source>
        <translation>コードを保存</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>すべて選択</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>表示</translation>
    </message>
    <message numerus="yes">
        <source>Show all %n line(s)</source>
        <translation>
            <numerusform>%n行すべてを表示</numerusform>
        </translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>折りたたむ</translation>
    </message>
    <message>
        <source>Stopped</source>
        <extracomment>Under a reply that the user stopped</extracomment>
        <translation>停止</translation>
    </message>
    <message numerus="yes">
        <source>Summary of %n message(s)</source>
        <translation>
            <numerusform>%n件のメッセージの要約</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Summary without the %n oldest message(s)</source>
        <translation>
            <numerusform>最も古い%n件のメッセージを除いた要約</numerusform>
        </translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表</translation>
    </message>
    <message>
        <source>The model declined to answer</source>
        <translation>モデルが回答を断りました</translation>
    </message>
    <message>
        <source>The model no longer sees what is above this line</source>
        <translation>この線より上は、もうモデルに見えていません</translation>
    </message>
    <message>
        <source>The reply failed.</source>
        <translation>返答に失敗しました。</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>考え中…</translation>
    </message>
    <message>
        <source>Thought for {time}</source>
        <translation>{time}考えました</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <extracomment>Over the reasoning of a model</extracomment>
        <translation>思考</translation>
    </message>
    <message>
        <source>Tool call: {name}</source>
        <translation>ツール呼び出し：{name}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>やり直す</translation>
    </message>
    <message>
        <source>Try again with…</source>
        <translation>別のモデルでやり直す…</translation>
    </message>
    <message>
        <source>Unwrap</source>
        <extracomment>What is done, on a button: lines of code are not broken where the room ends, or are</extracomment>
        <translation>折り返さない</translation>
    </message>
    <message>
        <source>Version {number} of {count}</source>
        <translation>バージョン{number}/{count}</translation>
    </message>
    <message>
        <source>Waiting for the first word…</source>
        <translation>最初の言葉を待っています…</translation>
    </message>
    <message>
        <source>Wrap</source>
        <translation>折り返す</translation>
    </message>
    <message>
        <source>You</source>
        <translation>あなた</translation>
    </message>
    <message>
        <source>can’t be shown here</source>
        <translation>ここでは表示できません</translation>
    </message>
    <message>
        <source>first token {time}</source>
        <translation>最初のトークン {time}</translation>
    </message>
    <message>
        <source>not a picture</source>
        <translation>画像ではありません</translation>
    </message>
    <message>
        <source>text</source>
        <extracomment>The language of a code block that names none</extracomment>
        <translation>テキスト</translation>
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
            <numerusform>… ほか%n行</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TitleField</name>
    <message>
        <source>Title of the conversation</source>
        <translation>会話のタイトル</translation>
    </message>
</context>
<context>
    <name>Transfer</name>
    <message numerus="yes">
        <source>%n conversation(s) came in from the file.</source>
        <translation>
            <numerusform>ファイルから%n件の会話を取り込みました。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) came in from {source}.</source>
        <translation>
            <numerusform>{source}から%n件の会話を取り込みました。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) or file(s) are not in the export and are shown by their names.</source>
        <translation>
            <numerusform>%n件の画像やファイルはエクスポートに含まれておらず、名前で示されます。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n that were here got new messages.</source>
        <translation>
            <numerusform>既存の会話%n件に新しいメッセージが加わりました。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were left out.</source>
        <translation>
            <numerusform>%n件を除外しました。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were here already.</source>
        <translation>
            <numerusform>%n件はすでにありました。</numerusform>
        </translation>
    </message>
    <message>
        <source>It was cancelled before its end; what had come in stays.</source>
        <translation>途中でキャンセルされました。それまでに取り込んだものは残ります。</translation>
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
        <translation>Webページ (HTML)</translation>
    </message>
    <message>
        <source>Weir archive (JSON)</source>
        <translation>Weirアーカイブ (JSON)</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more.</source>
        <translation>
            <numerusform>… ほか%n件。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TransferDoor</name>
    <message numerus="yes">
        <source>%n conversation(s) are back.</source>
        <translation>
            <numerusform>%n件の会話を復元しました。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) could not be read.</source>
        <translation>
            <numerusform>%n件の会話を読み取れませんでした。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s) were saved as {name}.</source>
        <translation>
            <numerusform>%n件の会話を{name}として保存しました。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) could not be read.</source>
        <translation>
            <numerusform>%n件の項目を読み取れませんでした。</numerusform>
        </translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>復元</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>テキストでコピー</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>詳細</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>エクスポート</translation>
    </message>
    <message>
        <source>Export conversations</source>
        <translation>会話をエクスポート</translation>
    </message>
    <message>
        <source>Exports and archives (*.zip *.json *.weir *.db)</source>
        <translation>エクスポートとアーカイブ (*.zip *.json *.weir *.db)</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>会話をインポート</translation>
    </message>
    <message>
        <source>The conversation was copied.</source>
        <translation>会話をコピーしました。</translation>
    </message>
    <message>
        <source>The conversation was saved as {name}.</source>
        <translation>会話を{name}として保存しました。</translation>
    </message>
    <message>
        <source>The history was damaged. It was set aside whole as {name}. What the newest good backup has and what can still be read can be brought back.</source>
        <translation>履歴が壊れていたため、全体を{name}として別に保管しました。最新の正常なバックアップの内容と、まだ読み取れる内容を復元できます。</translation>
    </message>
    <message>
        <source>Weir conversations</source>
        <translation>Weirの会話</translation>
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
        <translation>会話を復元しています</translation>
    </message>
    <message>
        <source>Bringing conversations in</source>
        <translation>会話を取り込んでいます</translation>
    </message>
    <message>
        <source>Saving conversations</source>
        <translation>会話を保存しています</translation>
    </message>
    <message>
        <source>The export was cancelled; no file was written.</source>
        <translation>エクスポートをキャンセルしました。ファイルは書き込まれていません。</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>New conversation</source>
        <translation>新しい会話</translation>
    </message>
    <message>
        <source>Quick question</source>
        <translation>クイック質問</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>終了</translation>
    </message>
    <message>
        <source>Show or hide Weir</source>
        <translation>Weirの表示／非表示</translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n個のモデル</numerusform>
        </translation>
    </message>
    <message>
        <source>Asking {host}…</source>
        <translation>{host}に問い合わせ中…</translation>
    </message>
    <message>
        <source>Connected to {address}</source>
        <translation>{address}に接続しました</translation>
    </message>
    <message>
        <source>Connecting to {address}…</source>
        <translation>{address}に接続中…</translation>
    </message>
    <message>
        <source>It says: “{words}”</source>
        <translation>応答の内容：「{words}」</translation>
    </message>
    <message>
        <source>Looking up {host}…</source>
        <translation>{host}のアドレスを照会中…</translation>
    </message>
    <message>
        <source>Not encrypted: the address begins with http://</source>
        <translation>暗号化なし：アドレスがhttp://で始まっています</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted</source>
        <translation>安全な接続、証明書は信頼されています</translation>
    </message>
    <message>
        <source>Secure connection, its certificate is trusted ({version})</source>
        <extracomment>{version} is the protocol, such as TLS 1.3</extracomment>
        <translation>安全な接続、証明書は信頼されています（{version}）</translation>
    </message>
    <message>
        <source>Securing the connection…</source>
        <translation>安全な接続を確立中…</translation>
    </message>
    <message>
        <source>The key was accepted</source>
        <translation>キーが受け付けられました</translation>
    </message>
    <message>
        <source>The models are listed without a key too; the first prompt shows whether it is right</source>
        <translation>モデルの一覧はキーなしでも取得できます。キーが正しいかどうかは、最初のプロンプトでわかります</translation>
    </message>
    <message>
        <source>The proxy {proxy} lets it through</source>
        <translation>プロキシ{proxy}を通過しました</translation>
    </message>
    <message>
        <source>Through the proxy {proxy}…</source>
        <translation>プロキシ{proxy}を経由中…</translation>
    </message>
    <message>
        <source>Waiting for the answer…</source>
        <translation>応答を待っています…</translation>
    </message>
    <message>
        <source>{host} is {address}</source>
        <translation>{host}のアドレスは{address}</translation>
    </message>
    <message numerus="yes">
        <source>{host} is {address} and %n more</source>
        <extracomment>A name and the addresses it stands for: how many there are besides the one that is named</extracomment>
        <translation>
            <numerusform>{host}のアドレスは{address}、ほか%n件</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TuneButton</name>
    <message>
        <source>Options of this conversation</source>
        <translation>この会話のオプション</translation>
    </message>
    <message numerus="yes">
        <source>Options of this conversation: %n set</source>
        <translation>
            <numerusform>この会話のオプション：%n件設定済み</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Turn</name>
    <message>
        <source>Reading the prompt</source>
        <translation>プロンプトを読み取り中</translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation>再試行中</translation>
    </message>
    <message>
        <source>Trying again in {seconds} s</source>
        <translation>{seconds}秒後に再試行</translation>
    </message>
</context>
<context>
    <name>UpdatesCard</name>
    <message>
        <source>Asking…</source>
        <extracomment>While the newest version is asked for</extracomment>
        <translation>確認中…</translation>
    </message>
    <message>
        <source>Check for updates</source>
        <translation>更新を確認</translation>
    </message>
    <message>
        <source>Check once a day when Weir starts</source>
        <translation>Weirの起動時に1日1回確認</translation>
    </message>
    <message>
        <source>It was not made from a published release, so it does not know where newer ones would be.</source>
        <translation>公開されたリリースから作られたものではないため、新しいバージョンの場所がわかりません。</translation>
    </message>
    <message>
        <source>Nothing is asked until you press the button.</source>
        <translation>ボタンを押すまで、何も問い合わせません。</translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation>ページを開く</translation>
    </message>
    <message>
        <source>The list of releases can’t be reached. You may be offline; try again when you are not.</source>
        <translation>リリース一覧に接続できません。オフラインの可能性があります。オンラインになってから、やり直してください。</translation>
    </message>
    <message>
        <source>The list of releases does not say what the newest version is. Try again later.</source>
        <translation>リリース一覧に最新バージョンが示されていません。後でやり直してください。</translation>
    </message>
    <message>
        <source>There is no newer one.</source>
        <translation>新しいバージョンはありません。</translation>
    </message>
    <message>
        <source>This is Weir {version}.</source>
        <translation>これはWeir {version}です。</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Version {version} is there. Conversations and settings stay as they are.</source>
        <translation>バージョン{version}があります。会話と設定はそのまま残ります。</translation>
    </message>
    <message>
        <source>{host} can’t be reached. You may be offline; try again when you are not.</source>
        <translation>{host}に接続できません。オフラインの可能性があります。オンラインになってから、やり直してください。</translation>
    </message>
    <message>
        <source>{host} did not say what the newest version is. Try again later.</source>
        <translation>{host}から最新バージョンが示されませんでした。後でやり直してください。</translation>
    </message>
</context>
<context>
    <name>Usage</name>
    <message numerus="yes">
        <source>%n of them in the bin</source>
        <translation>
            <numerusform>うち%n件はごみ箱内</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies came without any counts, for instance from other programs, and are left out.</source>
        <translation>
            <numerusform>ほかのプログラムからの返答など、計数のない%n件の返答は含まれていません。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replies have no price</source>
        <translation>
            <numerusform>%n件の返答は価格不明</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n row(s) were saved as {name}.</source>
        <translation>
            <numerusform>%n行を{name}として保存しました。</numerusform>
        </translation>
    </message>
    <message>
        <source>(without a name)</source>
        <translation>（名前なし）</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30日</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7日</translation>
    </message>
    <message>
        <source>90 days</source>
        <translation>90日</translation>
    </message>
    <message>
        <source>&lt;{amount}</source>
        <extracomment>Less than an amount of money</extracomment>
        <translation>&lt;{amount}</translation>
    </message>
    <message>
        <source>A year</source>
        <translation>1年</translation>
    </message>
    <message>
        <source>All</source>
        <extracomment>A period: all the time</extracomment>
        <translation>すべて</translation>
    </message>
    <message>
        <source>All endpoints</source>
        <translation>すべてのエンドポイント</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>すべてのファイル (*)</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>すべてのモデル</translation>
    </message>
    <message>
        <source>As CSV, with the conversations’ titles…</source>
        <translation>CSV（会話のタイトル付き）…</translation>
    </message>
    <message>
        <source>As CSV…</source>
        <translation>CSV…</translation>
    </message>
    <message>
        <source>Cached</source>
        <extracomment>Over a column: tokens that came from a cache</extracomment>
        <translation>キャッシュ</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>グラフ</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>コンマ区切り値 (*.csv)</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>費用</translation>
    </message>
    <message>
        <source>Counted is what services stated, in US dollars, at list price where they state no cost. What has no price, such as models on this computer, adds nothing to the cost.</source>
        <translation>サービスが示した値を、米ドルで集計しています。費用が示されない場合は定価で計算します。このコンピューター上のモデルなど、価格のないものは費用に加わりません。</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <extracomment>Over a column, and a choice in the usage window: which endpoint was asked</extracomment>
        <translation>エンドポイント</translation>
    </message>
    <message>
        <source>Export usage</source>
        <translation>使用量をエクスポート</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>エクスポート…</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>最初のトークン</translation>
    </message>
    <message>
        <source>In</source>
        <extracomment>Tokens in, over a column</extracomment>
        <translation>入力</translation>
    </message>
    <message>
        <source>Model</source>
        <extracomment>Over a column, and a choice in the usage window: which model was asked</extracomment>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Models: {names}</source>
        <translation>モデル：{names}</translation>
    </message>
    <message>
        <source>Nothing in this time</source>
        <translation>この期間のデータはありません</translation>
    </message>
    <message>
        <source>Others</source>
        <extracomment>In a legend: the models that have no colour of their own</extracomment>
        <translation>その他</translation>
    </message>
    <message>
        <source>Out</source>
        <extracomment>Tokens out, over a column</extracomment>
        <translation>出力</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>推論</translation>
    </message>
    <message>
        <source>Replies</source>
        <translation>返答</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表</translation>
    </message>
    <message>
        <source>The arrow keys go through it; the table has every number.</source>
        <translation>矢印キーで順に確認できます。すべての数値は表にあります。</translation>
    </message>
    <message>
        <source>Time to first token</source>
        <translation>最初のトークンまでの時間</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>トークン</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>入力トークン</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>出力トークン</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>1秒あたりのトークン数</translation>
    </message>
    <message>
        <source>Usage</source>
        <translation>使用量</translation>
    </message>
    <message>
        <source>Usage as a table</source>
        <translation>使用量の表</translation>
    </message>
    <message>
        <source>Week from {day}</source>
        <translation>{day}からの週</translation>
    </message>
    <message>
        <source>What is in the bin counts, what was deleted for good no longer does. Summaries of long conversations count as replies; titles that the model wrote are not counted.</source>
        <translation>ごみ箱の中のものは集計に含まれ、完全に削除したものは含まれません。長い会話の要約は返答として数え、モデルが付けたタイトルは数えません。</translation>
    </message>
    <message>
        <source>When</source>
        <extracomment>Over a column: the day, the week or the month</extracomment>
        <translation>日時</translation>
    </message>
    <message>
        <source>in and out</source>
        <translation>入力と出力</translation>
    </message>
    <message>
        <source>mean per day</source>
        <translation>1日平均</translation>
    </message>
    <message>
        <source>mean per month</source>
        <translation>月平均</translation>
    </message>
    <message>
        <source>mean per week</source>
        <translation>週平均</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>on average</source>
        <translation>平均</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a cost</extracomment>
        <translation>不明</translation>
    </message>
    <message>
        <source>{count} for reasoning</source>
        <extracomment>{count} is a number of tokens in short: 3.2k</extracomment>
        <translation>推論{count}</translation>
    </message>
    <message>
        <source>{model} {value}</source>
        <extracomment>A model and what was used of it: gpt-5 1,234</extracomment>
        <translation>{model} {value}</translation>
    </message>
    <message>
        <source>{name} per day</source>
        <translation>{name}（日別）</translation>
    </message>
    <message>
        <source>{name} per month</source>
        <translation>{name}（月別）</translation>
    </message>
    <message>
        <source>{name} per week</source>
        <translation>{name}（週別）</translation>
    </message>
    <message numerus="yes">
        <source>{name}, %n step(s) from {first} to {last}. Highest: {title}, {top}.</source>
        <translation>
            <numerusform>{name}、{first}から{last}まで%n区間。最大：{title}、{top}。</numerusform>
        </translation>
    </message>
    <message>
        <source>{name}: nothing in this time.</source>
        <translation>{name}：この期間のデータはありません。</translation>
    </message>
    <message>
        <source>{share} of it from a cache</source>
        <translation>うち{share}はキャッシュから</translation>
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
        <translation>費用</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>最初のトークン</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Tokens in</source>
        <translation>入力トークン</translation>
    </message>
    <message>
        <source>Tokens out</source>
        <translation>出力トークン</translation>
    </message>
    <message>
        <source>Whole reply</source>
        <translation>返答全体</translation>
    </message>
    <message>
        <source>of them for reasoning</source>
        <translation>うち推論</translation>
    </message>
    <message>
        <source>of them from a cache</source>
        <translation>うちキャッシュ</translation>
    </message>
    <message>
        <source>unknown</source>
        <extracomment>Of a figure</extracomment>
        <translation>不明</translation>
    </message>
    <message>
        <source>{speed} tokens per second</source>
        <translation>毎秒{speed}トークン</translation>
    </message>
</context>
<context>
    <name>Vault</name>
    <message>
        <source>The keyring</source>
        <translation>キーリング</translation>
    </message>
    <message>
        <source>The keyring is locked or did not answer. Unlock it, then try again.</source>
        <translation>キーリングがロックされているか、応答しませんでした。ロックを解除してから、やり直してください。</translation>
    </message>
    <message>
        <source>The keyring is not set up yet, or its question was dismissed. Open your system's password manager once to set it up, or keep the key for this run only.</source>
        <translation>キーリングがまだ設定されていないか、確認画面が閉じられました。システムのパスワード管理アプリを一度開いて設定するか、今回の実行中だけキーを保持してください。</translation>
    </message>
    <message>
        <source>The keyring set up for Python ({name}) can't be used. Correct that setting, or keep the key for this run only.</source>
        <translation>Python用に設定されたキーリング（{name}）は使えません。その設定を直すか、今回の実行中だけキーを保持してください。</translation>
    </message>
    <message>
        <source>There is no key in this text. Paste the key as the service shows it.</source>
        <translation>このテキストにはキーがありません。サービスに表示されたとおりにキーを貼り付けてください。</translation>
    </message>
    <message>
        <source>There is no keyring on this system to keep the key in. Install one, for instance GNOME Keyring or KWallet, or keep the key for this run only.</source>
        <translation>このシステムには、キーを保存できるキーリングがありません。GNOME KeyringやKWalletなどをインストールするか、今回の実行中だけキーを保持してください。</translation>
    </message>
    <message>
        <source>This key is longer than {name} can keep. Check that only the key was pasted.</source>
        <translation>このキーは{name}に保存できる長さを超えています。キーだけが貼り付けられているか確認してください。</translation>
    </message>
    <message>
        <source>Weir is closing; the keyring is not asked any more.</source>
        <translation>Weirの終了中のため、キーリングには問い合わせません。</translation>
    </message>
    <message>
        <source>{name} did not delete the key. Unlock it and try again, or delete it in your password manager.</source>
        <translation>{name}がキーを削除しませんでした。ロックを解除してやり直すか、パスワード管理アプリで削除してください。</translation>
    </message>
    <message>
        <source>{name} did not give the key. Unlock it and try again, or enter the key for this run only.</source>
        <translation>{name}からキーを取得できませんでした。ロックを解除してやり直すか、今回の実行用にキーを入力してください。</translation>
    </message>
    <message>
        <source>{name} did not take the key. Unlock it and try again, or keep the key for this run only.</source>
        <translation>{name}にキーを保存できませんでした。ロックを解除してやり直すか、今回の実行中だけキーを保持してください。</translation>
    </message>
    <message>
        <source>{name} took the key but did not give it back, so it may not be stored. Try again, or keep the key for this run only.</source>
        <translation>{name}はキーを受け取りましたが、読み出せませんでした。保存されていない可能性があります。やり直すか、今回の実行中だけキーを保持してください。</translation>
    </message>
</context>
<context>
    <name>Windows</name>
    <message>
        <source>Close the window</source>
        <translation>ウィンドウを閉じる</translation>
    </message>
    <message>
        <source>New window</source>
        <translation>新しいウィンドウ</translation>
    </message>
    <message>
        <source>Open in a window of its own</source>
        <translation>独立したウィンドウで開く</translation>
    </message>
    <message>
        <source>Open in new window</source>
        <translation>新しいウィンドウで開く</translation>
    </message>
    <message>
        <source>new window detach</source>
        <translation>新しいウィンドウ 別ウィンドウ 切り離す</translation>
    </message>
</context>
<context>
    <name>Wishes</name>
    <message>
        <source>Import</source>
        <translation>インポート</translation>
    </message>
    <message>
        <source>Read the conversations in “{name}” into your history? What is there stays as it is.</source>
        <translation>「{name}」の会話を履歴に取り込みますか？既存の内容はそのまま残ります。</translation>
    </message>
    <message>
        <source>Weir can't open “{name}”. It opens models (.gguf) and archives (.zip, .json, .weir, .db).</source>
        <translation>Weirでは「{name}」を開けません。開けるのはモデル（.gguf）とアーカイブ（.zip、.json、.weir、.db）です。</translation>
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
        <translation>yyyy年M月d日(ddd)</translation>
    </message>
    <message>
        <source>{before}, {after}</source>
        <extracomment>Joins short texts that are no sentence: a name, its size, its state</extracomment>
        <translation>{before}、{after}</translation>
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
        <translation>{minutes}分{seconds}秒</translation>
    </message>
    <message>
        <source>{name}: {value}</source>
        <extracomment>A value after its name, such as Cost: $0.12</extracomment>
        <translation>{name}：{value}</translation>
    </message>
    <message>
        <source>{number} ms</source>
        <extracomment>Milliseconds, in short</extracomment>
        <translation>{number} ms</translation>
    </message>
    <message>
        <source>{number} s</source>
        <extracomment>Seconds, in short</extracomment>
        <translation>{number}秒</translation>
    </message>
    <message>
        <source>{number} µs</source>
        <extracomment>Microseconds, in short</extracomment>
        <translation>{number} µs</translation>
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
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Cancel: {work}</source>
        <translation>キャンセル：{work}</translation>
    </message>
    <message>
        <source>{work} – is being ended</source>
        <translation>{work} – 終了しています</translation>
    </message>
</context>
<context>
    <name>WorkStrip</name>
    <message>
        <source>What takes long</source>
        <translation>時間のかかる処理</translation>
    </message>
</context>
<context>
    <name>Works</name>
    <message>
        <source>Making today’s copy of the history</source>
        <translation>今日の履歴のコピーを作成中</translation>
    </message>
    <message>
        <source>Opening and checking the history</source>
        <translation>履歴を開いて確認中</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>残り数秒</translation>
    </message>
    <message numerus="yes">
        <source>about %n h left</source>
        <translation>
            <numerusform>残り約%n時間</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n min left</source>
        <translation>
            <numerusform>残り約%n分</numerusform>
        </translation>
    </message>
    <message>
        <source>about a minute left</source>
        <translation>残り約1分</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>残り1分未満</translation>
    </message>
</context>
<context>
    <name>Writing</name>
    <message>
        <source>Attach files</source>
        <translation>ファイルを添付</translation>
    </message>
</context>
<context>
    <name>_Model</name>
    <message>
        <source>no keys</source>
        <translation>キーなし</translation>
    </message>
</context>
<context>
    <name>_RowDelegate</name>
    <message>
        <source>{count} ×</source>
        <extracomment>How many times a model was chosen</extracomment>
        <translation>{count}回</translation>
    </message>
</context>
</TS>
