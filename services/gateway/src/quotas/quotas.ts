import { SettingsFile } from "@polyreel/pipeline/settings";
import type { Log } from "@polyreel/platform/runtime";
import { ALL_OTHERS, quotasFormat } from "./quotas-file.js";
import type { TenantQuotas } from "./tenant-quotas.js";

const NONE: TenantQuotas = {};

/** The quotas of tenants, from a file that is read again when it changes. */
export class Quotas {
  private constructor(private readonly file: SettingsFile<TenantQuotas>) {}

  /** An empty path: there are none. Throws PolyreelError `invalid` for a file that is not right. */
  static async open(path: string, log: Log): Promise<Quotas> {
    return new Quotas(await SettingsFile.open(path, quotasFormat, log));
  }

  /** A tenant's own entry, or else that of all others. */
  async of(tenant: string): Promise<TenantQuotas> {
    const entries = await this.file.current();
    return entries.get(tenant) ?? entries.get(ALL_OTHERS) ?? NONE;
  }
}
