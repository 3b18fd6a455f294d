import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Peer, startPeer } from './askPeer.ts';
import type { Case } from './measureCase.ts';

/** Where peers are installed, outside the project; see peers/README.md. */
const folder = process.env.HITSCAN_PEERS ?? join(homedir(), '.cache', 'hitscan-peers');

export interface Peers {
  readonly present: readonly Peer[];
  /** Why the others are not here, by name. */
  readonly missing: Readonly<Record<string, string>>;
}

interface Candidate {
  readonly name: string;
  /** Commands to try; the first that starts is it, or every one where `all` is set. */
  readonly commands: readonly (readonly [string, ...string[]])[];
  readonly all?: boolean;
}

/** Pythons in which a peer may be installed, as commands. */
export function listPythons(): string[] {
  const installed = join(folder, 'venv', 'bin', 'python');
  return [...(existsSync(installed) ? [installed] : []), 'python3', '/usr/bin/python3'];
}

function listCandidates(): Candidate[] {
  const script = (name: string) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));
  const pythons = listPythons();
  const python = (name: string, file: string, ...args: string[]): Candidate => ({
    name,
    commands: pythons.map((path) => [path, script(file), ...args]),
  });
  const node = (name: string, file: string): Candidate => ({
    name,
    commands: [[process.execPath, script(file), join(folder, 'node_modules')]],
  });
  return [
    { ...python('PyTorch eager', 'torch_eager.py'), all: true },
    python('PyTorch eager, scan as published', 'torch_eager.py', 'published'),
    python('torch.compile', 'torch_compile.py'),
    python('JAX jit, lax.scan', 'jax_jit.py', 'scan'),
    python('JAX jit, associative_scan', 'jax_jit.py', 'associative'),
    python('mambapy', 'mamba_py.py'),
    python('DeepTab Mambular', 'deeptab_mambular.py'),
    { name: 'mamba-rs', commands: [[join(folder, 'bin', 'hitscan-peer-mamba-rs')]] },
    node('jax-js', 'jaxJs.ts'),
    node('TensorFlow.js, WASM', 'tensorflowJs.ts'),
    python('NumPy', 'numpy_blas.py'),
  ];
}

/** Starts every peer that is installed. */
export async function startPeers(tell: (line: string) => void): Promise<Peers> {
  const present: Peer[] = [];
  const missing: Record<string, string> = {};
  for (const { name, commands, all } of listCandidates()) {
    const started: Peer[] = [];
    let reason = '';
    for (const [command, ...args] of commands) {
      if (started.length > 0 && !all) break;
      try {
        const peer = await startPeer(command, args);
        if ([...present, ...started].some((other) => other.name === peer.name)) peer.stop();
        else started.push(peer);
      } catch (error) {
        reason ||= (error as Error).message;
      }
    }
    present.push(...started);
    if (started.length === 0) missing[name] = `not measured (${reason}); bench/peers/README.md says how to install it`;
    tell(started.length > 0 ? started.map((peer) => peer.name).join(', ') : `${name}: ${missing[name]}`);
  }
  return { present, missing };
}

/** The peers that take part in a row, prepared for it; `tell` gets the reason why another does not. */
export async function preparePeers(
  { name, parameters }: Case,
  peers: Peers,
  tell: (line: string) => void,
): Promise<Peer[]> {
  const ready: Peer[] = [];
  for (const peer of peers.present) {
    if (!(name in peer.rows)) continue;
    const count = peer.rows[name];
    try {
      if (count !== null && parameters !== undefined && count !== parameters) {
        throw new Error(`has ${count} parameters, not ${parameters}`);
      }
      await peer.ask(name);
      ready.push(peer);
    } catch (error) {
      tell(`${name}: ${peer.name}: not measured (${(error as Error).message})`);
    }
  }
  return ready;
}

const native = 'native-matmul';

/** The installed peer that measures native matrix products, if there is one. */
export function findNative(peers: readonly Peer[]): Peer | undefined {
  return peers.find(({ rows }) => native in rows);
}

/** A large matrix product by a native library on one thread, which has wider vectors than WebAssembly. */
export function nativeMatmul(peer: Peer): Case {
  return {
    name: native,
    unit: 'GFLOP/s',
    rounds: 9,
    async prepare({ flops }) {
      await peer.ask(native);
      return {
        round: () => peer.ask(native),
        remark: ({ median }) => ({
          shareOfPeak: null,
          note: `(1024×1024)·(1024×1024) by ${peer.name}; 1 thread; ${((median * 1e9) / flops).toFixed(1)} × WebAssembly’s limit`,
        }),
      };
    },
  };
}
