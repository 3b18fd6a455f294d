/** What a worker thread executes: its shards of one batch after the other. */
import { buildNetwork } from '../blocks/networks.ts';
import { allocateParameters, placeParameters } from '../parameters.ts';
import { type HostTensor, holdOnHost } from '../tensor.ts';
import { countShards, createShardRunner } from '../train/shards.ts';
import { joinWasmBackend } from '../wasm/loader.ts';
import { receiveMessage } from './worker.ts';
import { Control, countControlWords, type SharedNumbers, type WorkerMessage } from './workerMessage.ts';

function runShards(message: WorkerMessage): void {
  const { memory, thread, threads } = message;
  const floats = ({ address, length }: SharedNumbers) => new Float32Array(memory.buffer, address, length);
  const backend = joinWasmBackend(message.build, memory, message.region);
  const model = buildNetwork(message.definition);
  const own = allocateParameters(backend, model.parameters);
  const { address, length } = message.weights;
  const all: HostTensor = { ...holdOnHost(floats(message.weights), [length]), address };
  const weights = placeParameters(model.parameters, all, own);
  const inputs = Object.fromEntries(Object.entries(message.inputs).map(([name, place]) => [name, floats(place)]));
  const runner = createShardRunner(backend, model, weights, { inputs, target: floats(message.target) }, message.loss);
  for (const rows of message.heights) runner.prepare(rows);

  const gradients = message.gradients.map(floats);
  const losses = new Float64Array(memory.buffer, message.losses.address, message.losses.length);
  const order = new Uint32Array(memory.buffer, message.order.address, message.order.length);
  const control = new Int32Array(memory.buffer, message.control.address, countControlWords(threads - 1));
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

receiveMessage(runShards);
