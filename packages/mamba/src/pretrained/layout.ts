import type { StackConfig } from '../blocks/stack.ts';
import type { ConfigFields } from './settings.ts';

/** What a config.json says of a model. */
export interface Contents {
  readonly config: StackConfig;
  /** Rows of the embedding. */
  readonly vocabulary: number;
  /** What makes logits of hidden states: weights of its own, the embedding's, or nothing. */
  readonly head: 'own' | 'embedding' | null;
}

/** How a library writes a model down. */
export interface Layout {
  /**
   * Reads config.json; `names` are those of the tensors beside it. Throws: SettingError on what the library can do and
   * the blocks here cannot.
   */
  read(settings: ConfigFields, names: Iterable<string>): Contents;
  /** The fields of config.json that say this, to stand beside the `others`. Throws: SettingError. */
  write(contents: Contents, others: ConfigFields): ConfigFields;
  /** A tensor's name in the file: of `backbone.embedding.weight`, `lm_head.weight` and the stack's parameters. */
  nameOf(name: string, contents: Contents): string;
  /** Whether the file has the head's weights where they are the embedding's. */
  readonly repeatsTied: boolean;
}
