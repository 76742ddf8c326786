import { isDeepStrictEqual } from "node:util";
import { SettingsFile } from "@polyreel/pipeline/settings";
import type { Log } from "@polyreel/platform/runtime";
import { CommandEngine } from "./command/command.js";
import { EngineVoices, type ListingOptions } from "./engine-voices.js";
import { Engines, LOCAL } from "./engines.js";
import { type OpenOptions, openProvider } from "./provider/open-provider.js";
import type { ProviderSettings } from "./provider/provider-settings.js";
import type { VoicesConfig } from "./voices-config.js";
import { type VoicesEntry, voicesFormat } from "./voices-file.js";

interface Options {
  readonly log: Log;
  readonly listing?: ListingOptions;
  readonly providers?: OpenOptions;
}

interface Provider {
  readonly settings: ProviderSettings;
  readonly voices: EngineVoices;
}

/** The engines of this machine, and each tenant's providers and lexicons. Providers with unchanged settings stay open when the file is replaced. */
export class ConfiguredEngines {
  readonly #local: readonly EngineVoices[];
  #providers: ReadonlyMap<string, Provider> = new Map();

  private constructor(
    private readonly file: Pick<SettingsFile<VoicesEntry>, "current">,
    command: readonly string[],
    private readonly options: Omit<Options, "log">,
  ) {
    const engines = command.length > 0 ? [...LOCAL, new CommandEngine(command)] : LOCAL;
    this.#local = engines.map((engine) => new EngineVoices(engine, options.listing ?? {}));
  }

  /** Throws PolyreelError `invalid` if the file of providers is not right. */
  static async open(
    { voicesFile, voiceCommand }: VoicesConfig,
    { log, ...options }: Options,
  ): Promise<ConfiguredEngines> {
    return new ConfiguredEngines(await SettingsFile.open(voicesFile, voicesFormat, log), voiceCommand, options);
  }

  /** Those that a tenant may use. */
  async of(tenant: string): Promise<Engines> {
    const providers = [...(await this.#current()).values()];
    const own = providers.filter(({ settings }) => isFor(tenant, settings));
    const lexicons = [...(await this.file.current()).values()].flatMap((entry) =>
      entry.type === "lexicon" && isFor(tenant, entry) ? [entry.lexicon] : [],
    );
    return new Engines([...this.#local, ...own.map(({ voices }) => voices)], { lexicons });
  }

  /** The settings of a provider; undefined for other engines. */
  async settingsOf(engine: string): Promise<ProviderSettings | undefined> {
    return (await this.#current()).get(engine)?.settings;
  }

  async #current(): Promise<ReadonlyMap<string, Provider>> {
    const { listing = {}, providers } = this.options;
    const before = this.#providers;
    const opened = [...(await this.file.current())].flatMap(([name, settings]): [string, Provider][] => {
      if (settings.type === "lexicon") return [];
      const known = before.get(name);
      if (known && isDeepStrictEqual(known.settings, settings)) return [[name, known]];
      return [[name, { settings, voices: new EngineVoices(openProvider(settings, providers), listing) }]];
    });
    this.#providers = new Map(opened);
    return this.#providers;
  }
}

const isFor = (tenant: string, { tenants }: Pick<VoicesEntry, "tenants">): boolean =>
  tenants === undefined || tenants.includes(tenant);
