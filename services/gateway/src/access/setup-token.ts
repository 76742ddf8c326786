import { randomBytes, timingSafeEqual } from "node:crypto";
import type { KeptKeys } from "./kept-keys.js";

/**
 * The token by which the first key is made: it is printed when a gateway starts on a store without keys, and accepted until
 * there is one.
 */
export class SetupToken {
  private constructor(
    private readonly keys: KeptKeys,
    /** Undefined if there were keys at the start. */
    readonly text: string | undefined,
  ) {}

  static async open(keys: KeptKeys): Promise<SetupToken> {
    return new SetupToken(keys, (await keys.isEmpty()) ? `setup_${randomBytes(32).toString("base64url")}` : undefined);
  }

  async accepts(token: string): Promise<boolean> {
    if (this.text === undefined || token.length !== this.text.length) return false;
    return timingSafeEqual(Buffer.from(token), Buffer.from(this.text)) && this.keys.isEmpty();
  }
}
