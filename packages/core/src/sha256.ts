/** A hash that is computed piece by piece. */
export interface PieceHash {
  /** Text counts as its UTF-8 bytes. Returns the hash itself. */
  update(piece: string | Uint8Array): PieceHash;
  /** The 32 bytes; after this nothing can be added. */
  digest(): Uint8Array<ArrayBuffer>;
  /** The same in hex. */
  digestHex(): string;
  /** The same in base64. */
  digestBase64(): string;
}

const blockBytes = 64;

/** The first 32 bits of the fractional parts of `root` of the first primes. */
function fractionBits(count: number, root: (prime: number) => number): Uint32Array {
  const bits = new Uint32Array(count);
  let found = 0;
  for (let n = 2; found < count; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) isPrime = false;
    if (isPrime) bits[found++] = (root(n) % 1) * 2 ** 32;
  }
  return bits;
}

const roundConstants = fractionBits(64, Math.cbrt);
const initialState = fractionBits(8, Math.sqrt);

/** Mixes one block of 64 bytes into the state. `schedule`: 64 words of scratch. */
function mixBlock(state: Uint32Array, bytes: DataView, at: number, schedule: Int32Array): void {
  for (let i = 0; i < 16; i++) schedule[i] = bytes.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const w15 = schedule[i - 15];
    const w2 = schedule[i - 2];
    const s0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
    const s1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
    schedule[i] = (schedule[i - 16] + s0 + schedule[i - 7] + s1) | 0;
  }
  let a = state[0] | 0;
  let b = state[1] | 0;
  let c = state[2] | 0;
  let d = state[3] | 0;
  let e = state[4] | 0;
  let f = state[5] | 0;
  let g = state[6] | 0;
  let h = state[7] | 0;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i] + schedule[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/**
 * SHA-256 in plain TypeScript: the same in every host, and at once, where the platform's own has to be awaited.
 * Source: FIPS 180-4.
 */
export function createSha256(): PieceHash {
  const state = initialState.slice();
  const schedule = new Int32Array(64);
  const encoder = new TextEncoder();
  const rest = new Uint8Array(blockBytes);
  const restView = new DataView(rest.buffer);
  let inRest = 0;
  let length = 0;

  const add = (bytes: Uint8Array): void => {
    length += bytes.length;
    let from = 0;
    if (inRest > 0) {
      from = Math.min(blockBytes - inRest, bytes.length);
      rest.set(bytes.subarray(0, from), inRest);
      inRest += from;
      if (inRest < blockBytes) return;
      mixBlock(state, restView, 0, schedule);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (; from + blockBytes <= bytes.length; from += blockBytes) mixBlock(state, view, from, schedule);
    rest.set(bytes.subarray(from));
    inRest = bytes.length - from;
  };

  const digest = (): Uint8Array<ArrayBuffer> => {
    const bits = length * 8;
    const padding = new Uint8Array((inRest < 56 ? 56 : 120) - inRest + 8);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits % 2 ** 32);
    add(padding);
    const bytes = new Uint8Array(32);
    const out = new DataView(bytes.buffer);
    state.forEach((word, i) => {
      out.setUint32(4 * i, word);
    });
    return bytes;
  };

  const hash: PieceHash = {
    update(piece) {
      add(typeof piece === 'string' ? encoder.encode(piece) : piece);
      return hash;
    },
    digest,
    digestHex: () => Array.from(digest(), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    digestBase64: () => btoa(String.fromCharCode(...digest())),
  };
  return hash;
}

/** The SHA-256 of a text or of bytes, in hex. */
export function sha256Hex(piece: string | Uint8Array): string {
  return createSha256().update(piece).digestHex();
}
