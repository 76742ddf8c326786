import type { UsageService } from "@polyreel/contract";
import type { CallHandlers } from "../call/with-calls.js";
import { getUsage, type UsageDeps } from "./get-usage.js";

/** polyreel.v1.UsageService: of the caller's tenant; of all tenants for operators. */
export const usageService = (deps: UsageDeps): CallHandlers<typeof UsageService> => ({
  getUsage: (request, call) => getUsage(deps, request, call),
});
