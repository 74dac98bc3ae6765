; The Windows installer: Inno Setup 6, `iscc /DVersion=0.1.0 packaging\windows\weir.iss`.
; It installs for the user who runs it, without an administrator, unless they choose otherwise.
; Signing: `iscc "/Ssign=signtool.exe sign ... $f" /DSign ...`; without /DSign nothing is signed.

#ifndef Version
  #error Name the version: iscc /DVersion=1.2.3
#endif

[Setup]
AppId={{7C1B3F3E-64E2-4C55-9C2B-8B7C9E0C7A51}
AppName=Weir
AppVersion={#Version}
AppVerName=Weir {#Version}
AppPublisher=The Weir authors
VersionInfoVersion={#Version}
DefaultDirName={autopf}\Weir
DefaultGroupName=Weir
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
SourceDir=..\..
OutputDir=dist
OutputBaseFilename=weir-{#Version}-windows-x86_64-setup
SetupIconFile=build\icons\weir.ico
UninstallDisplayIcon={app}\weir.exe
LicenseFile=LICENSE
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
; A running Weir is asked to close, so that an update never meets files in use.
CloseApplications=yes
ChangesAssociations=yes
RestartApplications=no
#ifdef Sign
SignTool=sign
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked

[InstallDelete]
; Libraries of the version before; the user's data are elsewhere and are never touched.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "dist\weir\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\Weir"; Filename: "{app}\weir.exe"; AppUserModelID: "chat.weir.Weir"
; Its key can be changed in the shortcut's properties.
Name: "{autoprograms}\Weir quick question"; Filename: "{app}\weir.exe"; Parameters: "quick"; AppUserModelID: "chat.weir.Weir"
Name: "{autodesktop}\Weir"; Filename: "{app}\weir.exe"; AppUserModelID: "chat.weir.Weir"; Tasks: desktopicon

[Registry]
; Weir is offered for its own archives and for models; what opens them so far stays as it is.
Root: HKA; Subkey: "Software\Classes\.weir\OpenWithProgids"; ValueType: string; ValueName: "chat.weir.archive"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.gguf\OpenWithProgids"; ValueType: string; ValueName: "chat.weir.gguf"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\chat.weir.archive"; ValueType: string; ValueData: "Weir archive"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\chat.weir.archive\DefaultIcon"; ValueType: string; ValueData: "{app}\weir.exe,0"
Root: HKA; Subkey: "Software\Classes\chat.weir.archive\shell\open\command"; ValueType: string; ValueData: """{app}\weir.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\chat.weir.gguf"; ValueType: string; ValueData: "Language model"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\chat.weir.gguf\shell\open\command"; ValueType: string; ValueData: """{app}\weir.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Applications\weir.exe\SupportedTypes"; ValueType: string; ValueName: ".weir"; ValueData: ""; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\weir.exe\SupportedTypes"; ValueType: string; ValueName: ".gguf"; ValueData: ""

[Run]
Filename: "{app}\weir.exe"; Description: "{cm:LaunchProgram,Weir}"; Flags: nowait postinstall skipifsilent
