import type { Peer } from './askPeer.ts';
import type { Case } from './measure.ts';

const name = 'native-matmul';

/** The peer that can tell what this machine multiplies outside WebAssembly, if one is installed. */
export function findNative(peers: readonly Peer[]): Peer | undefined {
  return peers.find(({ rows }) => name in rows);
}

/** A large matrix product by a native library on one thread, for honesty: wider vectors than WebAssembly has. */
export function nativeMatmul(peer: Peer): Case {
  return {
    name,
    unit: 'GFLOP/s',
    rounds: 9,
    async prepare({ flops }) {
      await peer.ask(name);
      return {
        round: () => peer.ask(name),
        remark: ({ median }) => ({
          shareOfPeak: null,
          note: `(1024×1024)·(1024×1024) by ${peer.name}; 1 thread; ${((median * 1e9) / flops).toFixed(1)} × WebAssembly’s limit`,
        }),
      };
    },
  };
}
