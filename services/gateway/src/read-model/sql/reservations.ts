import { type Kysely, sql } from "kysely";
import { type KnownReservation, knownReservation } from "../reservation.js";
import { batchRecord } from "./rows.js";
import type { Tables } from "./tables.js";

/** What a tenant's batches have reserved, except those that ended before. */
export async function reservations(db: Kysely<Tables>, tenant: string, since: Date): Promise<KnownReservation[]> {
  const rows = await db
    .selectFrom("batches")
    .selectAll()
    .where("tenant", "=", tenant)
    .where("submitted_at", "is not", null)
    .where((where) => where.or([where("shown_finished_at", "is", null), where("shown_finished_at", ">", since)]))
    .where(sql<boolean>`tally ? 'reserved'`)
    .execute();
  return rows.flatMap((row) => knownReservation(batchRecord(row), since) ?? []);
}
