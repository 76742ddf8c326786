import { randomBytes, timingSafeEqual } from "node:crypto";

/**
 * The token by which the first key or user is made: it is printed when a gateway starts on a store where nobody can manage the
 * installation yet, and accepted until somebody can.
 */
export class SetupToken {
  private constructor(
    private readonly isSetUp: () => Promise<boolean>,
    /** Undefined if it was set up at the start. */
    readonly text: string | undefined,
  ) {}

  static async open(isSetUp: () => Promise<boolean>): Promise<SetupToken> {
    return new SetupToken(isSetUp, (await isSetUp()) ? undefined : `setup_${randomBytes(32).toString("base64url")}`);
  }

  async accepts(token: string): Promise<boolean> {
    if (this.text === undefined || token.length !== this.text.length) return false;
    return timingSafeEqual(Buffer.from(token), Buffer.from(this.text)) && !(await this.isSetUp());
  }
}
