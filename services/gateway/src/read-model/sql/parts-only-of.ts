import { BatchState, type RequestedKind } from "@polyreel/contract";
import { type Kysely, sql } from "kysely";
import type { PartName } from "../read-model.js";
import type { Tables } from "./tables.js";

const PAGE = 1000;

/** Parts requested by a batch and by no other one of its tenant, ignoring those in `besides`, page by page. */
export async function* partsOnlyOf(
  db: Kysely<Tables>,
  batchId: string,
  besides: readonly string[] = [],
): AsyncGenerator<PartName> {
  for (let after = { kind: "", hash: "" }; ; ) {
    const page = await db
      .selectFrom("parts")
      .select(["kind", "hash"])
      .where("batch_id", "=", batchId)
      .where(sql<boolean>`(kind, hash) > (${after.kind}, ${after.hash})`)
      .where(
        sql<boolean>`not exists (select 1 from parts as other
          join batches as theirs on theirs.id = other.batch_id
          join batches as ours on ours.id = parts.batch_id
          where other.hash = parts.hash and other.batch_id <> parts.batch_id and theirs.tenant = ours.tenant
            and theirs.state <> ${BatchState.DELETING}
            and other.batch_id <> all(${[...besides]}::text[]))`,
      )
      .orderBy("kind")
      .orderBy("hash")
      .limit(PAGE)
      .execute();
    for (const { kind, hash } of page) yield { kind: kind as RequestedKind, hash };
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last;
  }
}
