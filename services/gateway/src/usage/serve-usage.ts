import { create } from "@bufbuild/protobuf";
import { GetUsageRequestSchema } from "@polyreel/contract";
import { spreadsheetHeader, spreadsheetLine, usageColumns } from "@polyreel/spec/rows";
import type { RequestCheck } from "../server/validate.js";
import { checkedMessage } from "../sources/web/checked-message.js";
import { queryOf } from "../sources/web/query.js";
import { disposition } from "../web/answer-bytes.js";
import { callOf, type WebApp } from "../web/web-app.js";
import { getUsage, type UsageDeps } from "./get-usage.js";

/** GET /usage.csv?month=2026-11&tenant=acme: GetUsage as a table for spreadsheets. */
export const usageTable =
  (deps: UsageDeps & { readonly check: RequestCheck }) =>
  (app: WebApp): void => {
    app.get("/usage.csv", async (request, reply) => {
      const query = queryOf(request);
      const asked = create(GetUsageRequestSchema, { month: query.one("month"), tenant: query.one("tenant") });
      const found = await getUsage(
        deps,
        checkedMessage(deps.check, GetUsageRequestSchema, asked),
        callOf(request, reply),
      );
      const rows = found.usage.map((usage) => ({ month: found.month, usage }));
      const columns = usageColumns(rows);
      void reply.header("Content-Disposition", disposition(`usage-${found.month}.csv`, "attachment"));
      void reply.header("Cache-Control", "no-store").type("text/csv; charset=utf-8");
      return spreadsheetHeader(columns) + rows.map((row) => spreadsheetLine(row, columns)).join("");
    });
  };
