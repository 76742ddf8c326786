import { create, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { type Origin, type SoundEvent, SoundEventSchema } from "@polyreel/contract";

/** Where something is heard in a timeline, in samples at 48 kHz. */
export interface Place {
  readonly start: number;
  readonly samples: number;
  readonly fadeIn: number;
  readonly fadeOut: number;
}

/** What places say of an event; everything else is the same wherever it lies. */
const PLACED = ["fadeIn", "fadeOut", "samples", "start"] as const satisfies (keyof Place)[];

/**
 * Something that is heard, wherever it comes to lie. Tells the canonical JSON of its events (see `recipeHash`) from pieces made
 * once: most of planning a combination with a soundtrack of its own would be making and writing those messages.
 */
export class Heard {
  /** What stands before each of PLACED, and behind the last. */
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

  /** The event in a place. */
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
