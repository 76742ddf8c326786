import { type Kysely, sql } from "kysely";
import type { SoundUse } from "../read-model.js";
import type { Tables } from "./tables.js";

/** When each decoded sound was used last, by any batch of its tenant. */
export function newestSoundUses(db: Kysely<Tables>): Promise<SoundUse[]> {
  return db
    .selectFrom("sounds_used")
    .innerJoin("batches", "batches.id", "sounds_used.batch_id")
    .select(["batches.tenant", "sounds_used.hash", sql<Date>`max(sounds_used.used_at)`.as("usedAt")])
    .groupBy(["batches.tenant", "sounds_used.hash"])
    .execute();
}
