// The scan of sequences with one position: the state starts at zero and is never carried on, so that
// y = ((C·B)·Δ + D)·u·silu(z), without decay and without a state.
import { expOfMinusAbs, loadLanes, madd, putLanes, sigmoid, sigmoidFrom, siluSlope, softplus, softplusFrom } from './math';
import { splat, storeLanes, sumLanes } from './math';

/** Σ B·C of one row. */
function dot(B: usize, C: usize, state: i32): f32 {
  let sum = splat(0);
  for (let n = 0; n < state; n += 4) {
    const at = <usize>n << 2;
    sum = madd(loadLanes(B + at, state - n), loadLanes(C + at, state - n), sum);
  }
  return sumLanes(sum);
}

export function scanSinglesForward(
  batch: i32,
  inner: i32,
  state: i32,
  u: usize,
  uRow: usize,
  dt: usize,
  dtRow: usize,
  dtBias: usize,
  B: usize,
  BRow: usize,
  C: usize,
  CRow: usize,
  D: usize,
  z: usize,
  zRow: usize,
  y: usize,
): void {
  const yRow = <usize>inner << 2;
  for (let b = 0; b < batch; b++) {
    const gain = splat(dot(B, C, state));
    for (let d = 0; d < inner; d += 4) {
      const at = <usize>d << 2;
      const n = inner - d;
      const delta = softplus(f32x4.add(loadLanes(dt + at, n), loadLanes(dtBias + at, n)));
      const gate = loadLanes(z + at, n);
      const value = f32x4.mul(madd(gain, delta, loadLanes(D + at, n)), loadLanes(u + at, n));
      storeLanes(y + at, f32x4.mul(value, f32x4.mul(gate, sigmoid(gate))), n);
    }
    u += uRow;
    dt += dtRow;
    B += BRow;
    C += CRow;
    z += zRow;
    y += yRow;
  }
}

/** dD and ddtBias are added to. A_log has no part in it. */
export function scanSinglesBackward(
  batch: i32,
  inner: i32,
  state: i32,
  u: usize,
  uRow: usize,
  dt: usize,
  dtRow: usize,
  dtBias: usize,
  B: usize,
  BRow: usize,
  C: usize,
  CRow: usize,
  D: usize,
  z: usize,
  zRow: usize,
  dy: usize,
  du: usize,
  duRow: usize,
  accumulateU: bool,
  ddt: usize,
  ddtRow: usize,
  accumulateDt: bool,
  ddtBias: usize,
  dB: usize,
  dBRow: usize,
  accumulateB: bool,
  dC: usize,
  dCRow: usize,
  accumulateC: bool,
  dD: usize,
  dz: usize,
  dzRow: usize,
  accumulateZ: bool,
): void {
  const dyRow = <usize>inner << 2;
  for (let b = 0; b < batch; b++) {
    const gain = splat(dot(B, C, state));
    let dgain = splat(0);
    for (let d = 0; d < inner; d += 4) {
      const at = <usize>d << 2;
      const n = inner - d;
      const ut = loadLanes(u + at, n);
      const raw = f32x4.add(loadLanes(dt + at, n), loadLanes(dtBias + at, n));
      const e = expOfMinusAbs(raw);
      const delta = softplusFrom(raw, e);
      const gate = loadLanes(z + at, n);
      const sigma = sigmoid(gate);
      const dyt = loadLanes(dy + at, n);
      const dsum = f32x4.mul(dyt, f32x4.mul(gate, sigma));
      const level = madd(gain, delta, loadLanes(D + at, n));
      putLanes(dz + at, f32x4.mul(f32x4.mul(dyt, f32x4.mul(level, ut)), siluSlope(gate, sigma)), n, accumulateZ);
      putLanes(du + at, f32x4.mul(dsum, level), n, accumulateU);
      const dlevel = f32x4.mul(dsum, ut);
      putLanes(dD + at, dlevel, n, true);
      dgain = madd(dlevel, delta, dgain);
      const draw = f32x4.mul(f32x4.mul(dlevel, gain), sigmoidFrom(raw, e));
      putLanes(ddt + at, draw, n, accumulateDt);
      putLanes(ddtBias + at, draw, n, true);
    }
    const share = splat(sumLanes(dgain));
    for (let n = 0; n < state; n += 4) {
      const at = <usize>n << 2;
      const count = state - n;
      const Bn = loadLanes(B + at, count);
      const Cn = loadLanes(C + at, count);
      putLanes(dB + at, f32x4.mul(share, Cn), count, accumulateB);
      putLanes(dC + at, f32x4.mul(share, Bn), count, accumulateC);
    }
    u += uRow;
    dt += dtRow;
    B += BRow;
    C += CRow;
    z += zRow;
    dy += dyRow;
    du += duRow;
    ddt += ddtRow;
    dB += dBRow;
    dC += dCRow;
    dz += dzRow;
  }
}
