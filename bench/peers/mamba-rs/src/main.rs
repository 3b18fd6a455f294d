//! mamba-rs on the CPU: its trainer with its fast matrix products, and a head of our own, as it brings none.
//!
//! It speaks as bench/peers/conversation.py does: `--rounds N`, or row names on standard input. The seed's network has a
//! norm before its block and a sum around it here, as the crate builds no block without; the count leaves that norm out.

use std::io::{BufRead, Write};
use std::time::Instant;

use mamba_rs::mamba1::{MambaConfig, MambaWeights};
use mamba_rs::{BackwardOpts, MambaCpuTrainer, TrainSessionCfg};

const PEER: &str = "mamba-rs 0.8.2";

/// AdamW for the few numbers that are not the crate's.
struct Adam {
    rate: f32,
    step: i32,
    m: Vec<f32>,
    v: Vec<f32>,
}

impl Adam {
    fn new(rate: f32, size: usize) -> Self {
        Adam { rate, step: 0, m: vec![0.0; size], v: vec![0.0; size] }
    }

    fn update(&mut self, values: &mut [f32], gradient: &[f32]) {
        self.step += 1;
        let (c1, c2) = (1.0 - 0.9f32.powi(self.step), 1.0 - 0.999f32.powi(self.step));
        for i in 0..values.len() {
            self.m[i] = 0.9 * self.m[i] + 0.1 * gradient[i];
            self.v[i] = 0.999 * self.v[i] + 0.001 * gradient[i] * gradient[i];
            values[i] -= self.rate * (self.m[i] / c1) / ((self.v[i] / c2).sqrt() + 1e-8);
        }
    }
}

/// SplitMix64, for data that need only look like data.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * 3.46
    }

    fn draw(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.uniform()).collect()
    }
}

struct Network {
    trainer: MambaCpuTrainer,
    width: usize,
    length: usize,
    batch: usize,
    /// Sigmoid × 100 after ReLU and the head, as the seed has it; else the head of the mean.
    seed: bool,
    clip: Option<f32>,
    /// Weights, then the bias.
    head: Vec<f32>,
    adam: Adam,
    x: Vec<f32>,
    target: Vec<f32>,
    y: Vec<f32>,
    dy: Vec<f32>,
}

fn count_parameters(weights: &MambaWeights) -> usize {
    let layers: usize = weights
        .layers
        .iter()
        .map(|l| {
            let parts = [
                &l.norm_weight, &l.norm_bias, &l.in_proj_w, &l.in_proj_b, &l.conv1d_weight, &l.conv1d_bias, &l.x_proj_w,
                &l.dt_proj_w, &l.dt_proj_b, &l.a_log, &l.d_param, &l.out_proj_w, &l.out_proj_b,
            ];
            parts.iter().map(|part| part.len()).sum::<usize>()
        })
        .sum();
    weights.input_proj_w.len() + layers + weights.norm_f_weight.len() + weights.norm_f_bias.len()
}

fn configure(width: usize, layers: usize, seed: bool) -> MambaConfig {
    MambaConfig {
        d_model: width,
        d_state: 16,
        d_conv: 4,
        expand: 2,
        n_layers: layers,
        final_norm: !seed,
        ..MambaConfig::default()
    }
}

fn draw_weights(config: &MambaConfig) -> MambaWeights {
    let mut weights = MambaWeights::init(config, config.d_model, 1);
    // Without an input projection rows enter as they are.
    weights.input_proj_w.clear();
    weights.input_proj_b.clear();
    weights
}

impl Network {
    fn new(seed: bool) -> Self {
        let (width, layers, length, batch) = if seed { (13, 1, 1, 64) } else { (64, 4, 13, 128) };
        let config = configure(width, layers, seed);
        let rate = if seed { 1e-5 } else { 1e-3 };
        let weight_decay = if seed { 0.0 } else { 0.01 };
        let session = TrainSessionCfg { lr: rate, weight_decay, ..TrainSessionCfg::new(width, batch, length) };
        let mut random = Random(1);
        let mut head = random.draw(width + 1);
        head.iter_mut().for_each(|value| *value /= 2.0 * (width as f32).sqrt());
        let x = random.draw(batch * length * width);
        let target = random.draw(batch).iter().map(|value| if seed { 66.0 + 11.0 * value } else { *value }).collect();
        Network {
            trainer: MambaCpuTrainer::new(&draw_weights(&config), config, session).expect("a trainer"),
            width,
            length,
            batch,
            seed,
            clip: (!seed).then_some(1.0),
            head,
            adam: Adam::new(rate, width + 1),
            x,
            target,
            y: vec![0.0; batch * length * width],
            dy: vec![0.0; batch * length * width],
        }
    }

    /// Forward, backward, clipping and AdamW; the loss before it.
    fn step(&mut self) -> f32 {
        self.trainer.reset_state().expect("a fresh state");
        self.trainer.forward(&self.x, &mut self.y).expect("the way forward");
        let (width, span) = (self.width, self.width * self.length);
        let mut dhead = vec![0.0f32; width + 1];
        let mut loss = 0.0;
        for b in 0..self.batch {
            let rows = &self.y[b * span..(b + 1) * span];
            let mut pooled = vec![0.0f32; width];
            for (i, value) in rows.iter().enumerate() {
                pooled[i % width] += if self.seed { value.max(0.0) } else { value / self.length as f32 };
            }
            let score = self.head[width] + pooled.iter().zip(&self.head).map(|(a, b)| a * b).sum::<f32>();
            let sigma = 1.0 / (1.0 + (-score).exp());
            let prediction = if self.seed { 100.0 * sigma } else { score };
            let error = prediction - self.target[b];
            loss += error * error / self.batch as f32;
            let slope = if self.seed { 100.0 * sigma * (1.0 - sigma) } else { 1.0 };
            let dscore = 2.0 * error / self.batch as f32 * slope;
            dhead[width] += dscore;
            for d in 0..width {
                dhead[d] += dscore * pooled[d];
            }
            for (i, value) in rows.iter().enumerate() {
                let through = if !self.seed { 1.0 / self.length as f32 } else { f32::from(*value > 0.0) };
                self.dy[b * span + i] = dscore * self.head[i % width] * through;
            }
        }
        let mut options = BackwardOpts::default();
        if let Some(norm) = self.clip {
            options = options.with_clip_max_norm(norm);
        }
        self.trainer.backward_step(&self.dy, options).expect("the way back");
        self.adam.update(&mut self.head, &dhead);
        loss
    }
}

/// A row at work: a network, how many steps a round has, its threads, and the factor from seconds a step.
struct Row {
    network: Network,
    first_loss: f32,
    steps: usize,
    pool: rayon::ThreadPool,
    factor: f64,
}

impl Row {
    fn new(name: &str) -> Option<Self> {
        let (seed, steps, threads, factor) = match name {
            "seed-training" => (true, 200, 1, 27_000.0),
            "tokens-step" => (false, 4, 2, 1000.0),
            _ => return None,
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let mut network = Network::new(seed);
        let first_loss = pool.install(|| network.step());
        Some(Row { network, first_loss, steps, pool, factor })
    }

    fn measure(&mut self) -> Result<f64, String> {
        let (network, steps) = (&mut self.network, self.steps);
        let started = Instant::now();
        let loss = self.pool.install(|| (0..steps).map(|_| network.step()).last()).expect("steps");
        let value = self.factor * started.elapsed().as_secs_f64() / steps as f64;
        if loss < self.first_loss { Ok(value) } else { Err(format!("the loss went from {} to {loss}", self.first_loss)) }
    }
}

fn main() {
    let names = ["seed-training", "tokens-step"];
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--rounds") {
        let rounds: usize = arguments[at + 1].parse().expect("a number of rounds");
        let medians: Vec<String> = names
            .iter()
            .map(|name| {
                let mut row = Row::new(name).expect("a row");
                let mut values: Vec<f64> = (0..rounds).map(|_| row.measure().expect("a loss that falls")).collect();
                values.sort_by(f64::total_cmp);
                format!("\"{name}\": {}", values[rounds / 2])
            })
            .collect();
        println!("{{\"peer\": \"{PEER}\", \"versions\": {{\"mamba-rs\": \"0.8.2\"}}, \"medians\": {{{}}}}}", medians.join(", "));
        return;
    }
    let count = |width, layers, seed, norm| count_parameters(&draw_weights(&configure(width, layers, seed))) - norm + width + 1;
    println!(
        "{{\"peer\": \"{PEER}\", \"versions\": {{\"mamba-rs\": \"0.8.2\"}}, \"rows\": {{\"seed-training\": {}, \"tokens-step\": {}}}}}",
        count(13, 1, true, 13),
        count(64, 4, false, 0),
    );
    let mut rows: Vec<(String, Row)> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let name = line.expect("a line");
        if !rows.iter().any(|(known, _)| *known == name) {
            match Row::new(&name) {
                Some(row) => rows.push((name.clone(), row)),
                None => {
                    println!("{{\"error\": \"no such row\"}}");
                    continue;
                }
            }
        }
        let row = &mut rows.iter_mut().find(|(known, _)| *known == name).expect("a row").1;
        match row.measure() {
            Ok(value) => println!("{{\"row\": \"{name}\", \"value\": {value}}}"),
            Err(reason) => println!("{{\"row\": \"{name}\", \"error\": \"{reason}\"}}"),
        }
        std::io::stdout().flush().expect("standard output");
    }
}
