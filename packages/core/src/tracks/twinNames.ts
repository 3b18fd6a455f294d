import type { RandomStream } from '@hitscan/mamba';

/** Words that no real act would choose together, so that nobody takes the twin's songs for real ones. */
const qualities =
  'Placeholder Imaginary Synthetic Fictional Hypothetical Invented Nonexistent Pretend Sample Mock Dummy Simulated ' +
  'Artificial Fabricated Virtual Conjectural Notional Supposed Unreal Made-Up Generated Provisional Tentative Assumed ' +
  'Random Seeded Sampled Interpolated Extrapolated Averaged Normalised Shuffled Bootstrapped Gaussian Stochastic ' +
  'Quantised Rounded Truncated Resampled Permuted Regularised Smoothed Unobserved Latent Counterfactual';
const beings =
  'Foxes Teapots Otters Lanterns Vectors Pelicans Umbrellas Turnips Walruses Ladders Badgers Compasses Herons Buttons ' +
  'Lemurs Kettles Magpies Tensors Gherkins Hedgehogs Spoons Ferrets Pumpkins Puffins Wardrobes Beetles Radishes Geese ' +
  'Thimbles Marmots Doorknobs Newts Biscuits Llamas Gradients Turbines Weasels Parsnips Ravens Bookends Crickets Moths ' +
  'Satchels Toucans Quilts';
const things =
  'Song Tune Number Ditty Refrain Chorus Sketch Étude Jingle Ballad Anthem Lullaby Waltz Hook Melody Bridge';

const split = (words: string): readonly string[] => words.split(' ');

/** A band's name; the first 2,025 differ, then they are numbered. */
export function nameArtist(index: number): string {
  const [first, second] = [split(qualities), split(beings)];
  const name = `The ${first[index % first.length]} ${second[Math.floor(index / first.length) % second.length]}`;
  const round = Math.floor(index / (first.length * second.length));
  return round === 0 ? name : `${name} ${round + 1}`;
}

export function nameTitle(index: number, random: RandomStream): string {
  const quality = split(qualities)[random.below(split(qualities).length)];
  const thing = split(things)[random.below(split(things).length)];
  return `${quality} ${thing} No. ${index + 1}`;
}

/** 22 characters, as Spotify's ids have; `twin` tells them apart. */
export function nameTrack(random: RandomStream): string {
  const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  return `twin${Array.from({ length: 18 }, () => letters[random.below(letters.length)]).join('')}`;
}

/** Whether an id is one of the twin's, by which songs of a twin that was written to a file are known again. */
export function isTwinTrack(trackId: string): boolean {
  return /^twin[0-9A-Za-z]{18}$/.test(trackId);
}
