import { hash, verify } from "@node-rs/argon2";
import { PolyreelError } from "@polyreel/platform";
import pLimit from "p-limit";
import { normalizePassword } from "./password-rules.js";

/** The second choice of RFC 9106, section 4, by OWASP's smaller memory: 19 MiB, about 50 ms. Argon2id is the default. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Two threads of four remain for files; memory is bounded, too. */
const AT_ONCE = 2;
/** About a second and a half: later callers are asked to try again. */
const MAX_WAITING = 60;

/** Hashes of passwords: few at a time, so that a flood of sign-ins stops nothing else. */
export class Passwords {
  readonly #limit = pLimit(AT_ONCE);
  /** Of a password that nobody has: for users who do not exist. */
  readonly #nobody: Promise<string>;

  constructor() {
    this.#nobody = hash(crypto.randomUUID(), COST);
    this.#nobody.catch(() => {}); // Each verification reports it.
  }

  /** In the PHC string format. Throws PolyreelError `exhausted` if too many wait. */
  hash(password: string): Promise<string> {
    return this.#run(() => hash(password, COST));
  }

  /** Whether a password has this hash. Without a hash it takes as long, and is false. Throws like `hash`. */
  async verify(expected: string | undefined, password: string): Promise<boolean> {
    const stored = expected || (await this.#nobody);
    const isRight = await this.#run(() => verify(stored, normalizePassword(password)));
    return isRight && Boolean(expected);
  }

  async #run<T>(compute: () => Promise<T>): Promise<T> {
    if (this.#limit.pendingCount >= MAX_WAITING) {
      throw new PolyreelError("exhausted", {
        reason: "Too many sign-ins are being checked at the moment.",
        remedy: "Try again in 5 s.",
      });
    }
    return await this.#limit(compute);
  }
}
