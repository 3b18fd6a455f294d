/** Longest run of bytes that is turned into text at a time: arguments of a call lie on the stack. */
const longestRun = 0x8000;

/** Bytes as base64, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += longestRun)
    text += String.fromCharCode(...bytes.subarray(from, from + longestRun));
  return btoa(text);
}

/** The inverse; null where the text is not what `encodeBase64` makes of any bytes. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  let decoded: string;
  try {
    decoded = atob(text);
  } catch {
    return null;
  }
  const bytes = Uint8Array.from(decoded, (character) => character.charCodeAt(0));
  return encodeBase64(bytes) === text ? bytes : null;
}
