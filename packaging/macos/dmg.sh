#!/usr/bin/env bash
# Make the disk image of dist/Weir.app; sign and notarise it where the secrets for that are set.
#
#   packaging/macos/dmg.sh VERSION
#
# WEIR_SIGN_IDENTITY   a "Developer ID Application" identity in the keychain; packaging/build.py signs the
#                      app with the same one. Without it the app is signed for this machine alone.
# WEIR_NOTARY_PROFILE  the name under which `xcrun notarytool store-credentials` keeps the account.
set -euo pipefail
cd "$(dirname "$0")/../.."

version="$1"
app="dist/Weir.app"
image="dist/weir-${version}-macos-$(uname -m).dmg"

codesign --verify --deep --strict "$app"

stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
# ditto keeps the links inside the app, without which its signature would break.
ditto "$app" "$stage/Weir.app"
ln -s /Applications "$stage/Applications"
hdiutil create -volname "Weir ${version}" -srcfolder "$stage" -format UDZO -fs HFS+ -ov "$image"

if [ -n "${WEIR_SIGN_IDENTITY:-}" ]; then
    codesign --sign "$WEIR_SIGN_IDENTITY" --timestamp "$image"
else
    echo "No signing identity: the image is not signed." >&2
fi

if [ -n "${WEIR_SIGN_IDENTITY:-}" ] && [ -n "${WEIR_NOTARY_PROFILE:-}" ]; then
    # Apple looks at what is inside; the ticket is then stapled on, so that it opens without a network.
    xcrun notarytool submit "$image" --keychain-profile "$WEIR_NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
    xcrun stapler validate "$image"
else
    echo "No notary profile: the image is not notarised; macOS will ask before it opens the app." >&2
fi

shasum -a 256 "$image" | sed "s|dist/||" >"$image.sha256"
echo "$image"
