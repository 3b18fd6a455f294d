import { randomStream } from '@hitscan/mamba';
import { z } from 'zod';
import { type Epoch, epochSchema, type SavedModel, type SavedTensor } from './regressor.ts';
import { readPlain } from './savedParts.ts';

type Tensors = SavedModel['tensors'];

/** A network of an ensemble that is trained to its end. */
export interface Member {
  readonly tensors: Tensors;
  readonly history: readonly Epoch[];
}

/** The seed of a member; the first has the ensemble's own, so that an ensemble of one is that network. */
export function seedMember(seed: number, member: number): number {
  return member === 0 ? seed : randomStream(seed, `ensemble: member ${member}`).uint32();
}

function memberPrefix(member: number): string {
  return `members.${member}.`;
}

function addPrefix(tensors: Tensors, prefix: string): [string, SavedTensor][] {
  return [...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor]);
}

/** The tensors whose names begin with a prefix, without it. */
function takePrefix(tensors: Tensors, prefix: string): Tensors {
  const found = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** The networks' tensors as one model has them: a single network's by their own names, several with `members.<n>.` before. */
export function joinMembers(members: readonly Tensors[]): Tensors {
  if (members.length === 1) return members[0];
  return new Map(members.flatMap((tensors, member) => addPrefix(tensors, memberPrefix(member))));
}

/** The inverse of joinMembers. */
export function partMembers(tensors: Tensors): readonly Tensors[] {
  const members: Tensors[] = [];
  for (;;) {
    const found = takePrefix(tensors, memberPrefix(members.length));
    if (found.size === 0) return members.length > 0 ? members : [tensors];
    members.push(found);
  }
}

/** The state of an ensemble under way: that of the network in training, and the finished ones with their histories. */
export function saveEnsemble(finished: readonly Member[], current: SavedModel): SavedModel {
  if (finished.length === 0) return current;
  const before = finished.flatMap(({ tensors }, member) => addPrefix(tensors, memberPrefix(member)));
  const histories = JSON.stringify(finished.map(({ history }) => history));
  return {
    tensors: new Map([...current.tensors, ...before]),
    metadata: { ...current.metadata, finishedMembers: histories },
  };
}

const historiesSchema = z.array(z.array(epochSchema));

/**
 * The finished networks of a saved state; it goes on being the state of the network in training. Their tensors are as they
 * stand there, which may be none. Throws: DataError where their histories are none.
 */
export function restoreMembers(saved: SavedModel): readonly Member[] {
  if (saved.metadata.finishedMembers === undefined) return [];
  return readPlain(saved, 'finishedMembers', historiesSchema).map((history, member) => ({
    history,
    tensors: takePrefix(saved.tensors, memberPrefix(member)),
  }));
}
