import { create, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { type Origin, type SoundEvent, SoundEventSchema } from "@polyreel/contract";

/** Position of a sound in a timeline, in samples at 48 kHz. */
export interface Place {
  readonly start: number;
  readonly samples: number;
  readonly fadeIn: number;
  readonly fadeOut: number;
}

/** Fields that depend on the position; all others of an event do not. */
const PLACED = ["fadeIn", "fadeOut", "samples", "start"] as const satisfies (keyof Place)[];

/**
 * A sound, independent of its position. Builds the canonical JSON of its events (see `recipeHash`) from precomputed
 * pieces: creating and serialising those messages would be most of the cost of planning a combination with a distinct
 * soundtrack.
 */
export class UnplacedSound {
  /** Text before each of PLACED, and after the last. */
  readonly #between: readonly string[];

  constructor(
    private readonly fixed: MessageInitShape<typeof SoundEventSchema>,
    readonly origin: Origin,
  ) {
    const members = Object.entries(toJson(SoundEventSchema, create(SoundEventSchema, fixed)) as object);
    members.sort(([a], [b]) => (a < b ? -1 : 1));
    const between = [...PLACED.map(() => ""), ""];
    for (const [key, value] of members) {
      const at = PLACED.findIndex((placed) => key < placed);
      between[at < 0 ? PLACED.length : at] += `,${JSON.stringify(key)}:${JSON.stringify(value)}`;
    }
    this.#between = between;
  }

  /** The event at a position. */
  event({ start, samples, fadeIn, fadeOut }: Place): SoundEvent {
    return create(SoundEventSchema, {
      ...this.fixed,
      start: BigInt(start),
      samples: BigInt(samples),
      fadeIn: BigInt(fadeIn),
      fadeOut: BigInt(fadeOut),
    });
  }

  /** Its canonical JSON. */
  json(place: Place): string {
    let members = "";
    for (let i = 0; i < PLACED.length; i++) {
      const key = PLACED[i] as keyof Place;
      members += this.#between[i];
      if (place[key] !== 0) members += `,"${key}":"${place[key]}"`;
    }
    members += this.#between[PLACED.length];
    return `{${members.slice(1)}}`;
  }
}
