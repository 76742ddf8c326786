import type { Random } from "../property/random.js";
import { mutate } from "./mutate.js";
import type { Specimen, Use } from "./specimens.js";
import type { Trap } from "./traps.js";

/** A hostile file, and its use. */
export interface HostileCase {
  /** Its choice's label. */
  readonly label: string;
  readonly use: Use;
  readonly name: string;
  readonly bytes: Buffer;
  /** Description of the damage. */
  readonly how: string;
}

/** Misleading extensions: nothing may depend on them. */
const EXTENSIONS = ["mp4", "png", "m3u8", "txt", "wav", "mpd", "concat", "svg", "mov", "%03d.png"] as const;
const USES = ["footage", "still", "bed"] as const;

/** Every trap occurs once, then randomly: among 1,000 cases each is used in every way. */
export function drawCase(
  index: number,
  random: Random,
  specimens: readonly Specimen[],
  traps: readonly Trap[],
): HostileCase {
  const label = `case ${index}`;
  const trap = index < traps.length ? traps[index] : random.chance(0.1) ? random.pick(traps) : undefined;
  if (trap) return { label, use: usualUse(trap, random), name: trap.name, bytes: trap.bytes, how: `trap ${trap.name}` };
  const specimen = random.pick(specimens) as Specimen;
  const { bytes, how } = mutate(specimen.bytes, random);
  const wrong = random.chance(0.1);
  const name = wrong ? `wrong.${random.pick(EXTENSIONS)}` : specimen.name;
  const use = wrong && specimen.use !== "font" ? random.pick(USES) : specimen.use;
  return { label, use, name, bytes, how: `${specimen.name}${wrong ? ` as ${use} ${name}` : ""}: ${how}` };
}

function usualUse({ name }: Trap, random: Random): Use {
  if (/\.film\.gif$/.test(name)) return "footage";
  if (random.chance(0.2)) return random.pick(USES);
  if (/\.(png|bmp|gif|jpg|tiff|svg)$/.test(name)) return "still";
  if (/\.(ttf|otf)$/.test(name)) return "font";
  return /\.(wav|pls|asx|mka|mp3)$/.test(name) ? "bed" : "footage";
}
