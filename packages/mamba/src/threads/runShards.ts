/** What a worker thread executes: its shards of one batch after the other. */
import { buildNetwork } from '../blocks/networks.ts';
import { allocateParameters, placeParameters } from '../parameters.ts';
import { type HostTensor, holdOnHost } from '../tensor.ts';
import { countShards, createShardRunner } from '../train/shards.ts';
import { joinWasmBackend } from '../wasm/loader.ts';
import { type Assignment, Control, countControlWords, type SharedNumbers } from './assignment.ts';
import { receiveAssignment } from './worker.ts';

function runShards(assignment: Assignment): void {
  const { memory, thread, threads } = assignment;
  const floats = ({ address, length }: SharedNumbers) => new Float32Array(memory.buffer, address, length);
  const backend = joinWasmBackend(assignment.build, memory, assignment.region);
  const model = buildNetwork(assignment.definition);
  const own = allocateParameters(backend, model.parameters);
  const { address, length } = assignment.weights;
  const all: HostTensor = { ...holdOnHost(floats(assignment.weights), [length]), address };
  const weights = placeParameters(model.parameters, all, own);
  const inputs = Object.fromEntries(Object.entries(assignment.inputs).map(([name, place]) => [name, floats(place)]));
  const runner = createShardRunner(
    backend,
    model,
    weights,
    { inputs, target: floats(assignment.target) },
    assignment.loss,
  );
  for (const rows of assignment.heights) runner.prepare(rows);

  const gradients = assignment.gradients.map(floats);
  const losses = new Float64Array(memory.buffer, assignment.losses.address, assignment.losses.length);
  const order = new Uint32Array(memory.buffer, assignment.order.address, assignment.order.length);
  const control = new Int32Array(memory.buffer, assignment.control.address, countControlWords(threads - 1));
  const finished = Control.finished + thread - 1;
  for (;;) {
    const generation = awaitNext(control, Atomics.load(control, finished));
    if (Atomics.load(control, Control.stop)) return;
    const batch = {
      order,
      from: control[Control.from],
      rows: control[Control.rows],
      answers: control[Control.answers],
      step: control[Control.step],
    };
    for (let shard = thread; shard < countShards(model, batch.rows); shard += threads) {
      [losses[shard]] = backend.read(runner.run(batch, shard));
      gradients[shard].set(own.all.data);
    }
    Atomics.store(control, finished, generation);
    Atomics.notify(control, finished);
  }
}

/** Sleeps until there is another generation than this one, and gives it. */
function awaitNext(control: Int32Array, generation: number): number {
  for (;;) {
    const current = Atomics.load(control, Control.generation);
    if (current !== generation) return current;
    Atomics.wait(control, Control.generation, generation);
  }
}

receiveAssignment(runShards);
