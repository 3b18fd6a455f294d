import { FormatError } from './errors.ts';
import { hashText, type RandomStream, randomStream } from './random.ts';
import type { Backend } from './tape.ts';
import { createValues, type Floats, type HostTensor, sizeOf, type Tensor, viewPart } from './tensor.ts';

/** What fills parameters. */
type Writer = Pick<Backend<unknown>, 'write'>;

/** A trainable tensor, as a block declares it. */
export interface ParameterSpec {
  /** Unique in the model; the authors' names, so that weights travel. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether weight decay applies. */
  readonly decay: boolean;
  /** Learning rate as a multiple of the optimiser's; 1 where it is not given. */
  readonly rate?: number;
  initialise(values: Floats, random: RandomStream): void;
}

export type Parameters<Handle extends Tensor = Tensor> = ReadonlyMap<string, Handle>;

/** Parameters whose numbers may be looked into. */
export type HostParameters = Parameters<HostTensor>;

/** Finds a parameter that a block declared. */
export function parameter<Handle extends Tensor>(parameters: Parameters<Handle>, name: string): Handle {
  const found = parameters.get(name);
  if (!found) throw new Error(`no parameter named ${name}`);
  return found;
}

/** PyTorch's default for linear and convolution weights: U(−1/√fanIn, 1/√fanIn). */
export function uniformByFanIn(fanIn: number, scale = 1): ParameterSpec['initialise'] {
  const bound = scale / Math.sqrt(fanIn);
  return (values, random) => {
    for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * bound;
  };
}

export function normal(deviation: number): ParameterSpec['initialise'] {
  return (values, random) => {
    for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
  };
}

export function constant(value: number): ParameterSpec['initialise'] {
  return (values) => {
    values.fill(value);
  };
}

/** Fills every parameter from streams of its own, so that adding a parameter changes no other. */
export function initialise(
  backend: Writer,
  specs: readonly ParameterSpec[],
  parameters: Parameters,
  seed: number,
): void {
  for (const spec of specs) {
    const tensor = parameter(parameters, spec.name);
    const values = createValues(tensor);
    spec.initialise(values, randomStream(seed, `initialise ${spec.name}`));
    backend.write(tensor, values);
  }
}

/** Parameters, or as many numbers beside them: gradients, moments. */
export interface ParameterBlock<Handle extends Tensor = Tensor> {
  readonly tensors: Parameters<Handle>;
  /** All of them as one row of numbers, gaps for alignment included (always zero). */
  readonly all: Handle;
}

/** Elements between the beginnings of tensors are a multiple of this, so that each is aligned. */
const alignedElements = 16;

/** Where each parameter begins in its block, and the size of the whole, in elements. */
function layOut(specs: readonly ParameterSpec[]): { readonly offsets: readonly number[]; readonly size: number } {
  const offsets: number[] = [];
  let size = 0;
  for (const { shape } of specs) {
    offsets.push(size);
    size += Math.ceil(sizeOf(shape) / alignedElements) * alignedElements;
  }
  return { offsets, size };
}

/** Parameters in memory that is there already, laid out as `allocateParameters` does. */
export function placeParameters<Handle extends Tensor>(
  specs: readonly ParameterSpec[],
  all: Handle,
  gradients: ParameterBlock<Handle> | null = null,
): ParameterBlock<Handle> {
  const { offsets } = layOut(specs);
  const tensors = new Map<string, Handle>();
  specs.forEach(({ name, shape }, i) => {
    if (tensors.has(name)) throw new Error(`two parameters named ${name}`);
    const gradient = gradients?.tensors.get(name) ?? null;
    tensors.set(name, viewPart(all, offsets[i], shape, gradient));
  });
  return { tensors, all };
}

/** Allocates one tensor a parameter, zeroed and in one block. With `gradients`, each gets its namesake as gradient. */
export function allocateParameters<Handle extends Tensor>(
  backend: Backend<unknown, Handle>,
  specs: readonly ParameterSpec[],
  gradients: ParameterBlock<Handle> | null = null,
): ParameterBlock<Handle> {
  return placeParameters(specs, backend.arena.allocate([layOut(specs).size]), gradients);
}

/** Values as a safetensors file has them, by name. */
export type StoredValues = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: ArrayLike<unknown> }
>;

/** Copies stored values, stored under `prefix` and name. Throws: FormatError unless it is there in the parameter's shape. */
function fill(
  backend: Writer,
  where: string,
  stored: StoredValues,
  prefix: string,
  name: string,
  tensor: Tensor,
): void {
  const { shape } = tensor;
  const found = stored.get(`${prefix}${name}`);
  const isFloat = found?.data instanceof Float32Array || found?.data instanceof Float64Array;
  if (!isFloat || found.shape.join() !== shape.join()) {
    const got = isFloat ? `(${found.shape.join(', ')})` : (found?.data.constructor.name ?? 'none');
    throw new FormatError(
      where,
      `${prefix}${name} must be float32 or float64 of shape (${shape.join(', ')}), got ${got}`,
    );
  }
  backend.write(tensor, found.data as Floats);
}

/** Copies stored values into their namesakes, stored under `prefix` and name. Throws: FormatError where one is missing. */
export function fillParameters(
  backend: Writer,
  where: string,
  parameters: Parameters,
  stored: StoredValues,
  prefix = '',
): void {
  for (const [name, tensor] of parameters) fill(backend, where, stored, prefix, name, tensor);
}

/** Copies those stored values that there are. Throws: FormatError on one that is no parameter, or of another shape. */
export function replaceParameters(backend: Writer, where: string, parameters: Parameters, stored: StoredValues): void {
  for (const name of stored.keys()) {
    const tensor = parameters.get(name);
    if (!tensor) throw new FormatError(where, `must be parameters of the model, got ${name}`);
    fill(backend, where, stored, '', name, tensor);
  }
}

/** Parameters to predict with, from values stored under their names. Throws: FormatError where one is missing. */
export function loadParameters<Handle extends Tensor>(
  backend: Backend<unknown, Handle>,
  specs: readonly ParameterSpec[],
  stored: StoredValues,
): Parameters<Handle> {
  const { tensors } = allocateParameters(backend, specs);
  fillParameters(backend, 'weights', tensors, stored);
  return tensors;
}

export function countParameters(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** A number that differs whenever names or shapes do; guards a checkpoint against another model's. */
export function fingerprint(specs: readonly ParameterSpec[]): string {
  return hashText(specs.map(({ name, shape }) => `${name}:${shape.join('x')}`).join(';')).toString(16);
}
