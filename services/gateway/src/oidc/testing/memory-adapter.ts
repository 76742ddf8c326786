import type { Adapter, AdapterPayload } from "oidc-provider";

const kept = new Map<string, AdapterPayload>();

/** What a provider of tests keeps: codes, tokens, sessions, grants. */
export class MemoryAdapter implements Adapter {
  constructor(private readonly model: string) {}

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    kept.set(this.#key(id), payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return kept.get(this.#key(id));
  }

  findByUserCode = (userCode: string) => this.#first((one) => one.userCode === userCode);
  findByUid = (uid: string) => this.#first((one) => one.uid === uid);

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    kept.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of kept) if (payload.grantId === grantId) kept.delete(key);
  }

  #key = (id: string): string => `${this.model}:${id}`;

  async #first(is: (payload: AdapterPayload) => boolean): Promise<AdapterPayload | undefined> {
    for (const [key, payload] of kept) if (key.startsWith(`${this.model}:`) && is(payload)) return payload;
    return undefined;
  }
}
