import { expect, test } from 'vitest';
import { chooseBackend, createBackend } from './index.ts';
import relaxedKernels from './wasm/build/relaxed.ts';

test('the backend without a name is the one that chooseBackend names', () => {
  expect(createBackend().name).toBe(chooseBackend());
});

test('chooseBackend names the relaxed build exactly where its kernels can be compiled', () => {
  const whole = Uint8Array.from(Buffer.from(relaxedKernels, 'base64'));
  expect(chooseBackend() === 'relaxed').toBe(WebAssembly.validate(whole));
});
