import { SettingError } from '../errors.ts';
import { type MambaConfig, mambaMixer } from './mamba.ts';
import { type Mamba2Config, mamba2Mixer } from './mamba2.ts';
import type { Mixer } from './mixer.ts';

/** A block of either kind: Mamba-1, as it is where `block` is not given, or Mamba-2. */
export type BlockConfig = (MambaConfig & { readonly block?: 'mamba' }) | (Mamba2Config & { readonly block: 'mamba2' });

/** Throws: SettingError on a kind that there is not, and on sizes that do not fit together. */
export function mixerOf(config: BlockConfig): Mixer {
  const { block } = config;
  switch (block) {
    case undefined:
    case 'mamba':
      return mambaMixer(config);
    case 'mamba2':
      return mamba2Mixer(config);
    default:
      throw new SettingError('block', 'be mamba or mamba2', block);
  }
}
