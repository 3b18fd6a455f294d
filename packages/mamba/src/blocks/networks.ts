import type { Model, NetworkDefinition } from './model.ts';
import { type SequenceNetworkConfig, sequenceNetwork } from './sequenceNetwork.ts';
import { type TokenNetworkConfig, tokenNetwork } from './tokenNetwork.ts';
import { type VectorNetworkConfig, vectorNetwork } from './vectorNetwork.ts';

/** Makes a model from its definition, in whatever thread: the same parameters and the same recording. */
export function buildNetwork({ network, config }: NetworkDefinition): Model {
  switch (network) {
    case 'tokens':
      return tokenNetwork(config as TokenNetworkConfig);
    case 'sequence':
      return sequenceNetwork(config as SequenceNetworkConfig);
    case 'vector':
      return vectorNetwork(config as VectorNetworkConfig);
  }
}
