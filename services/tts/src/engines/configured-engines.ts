import { isDeepStrictEqual } from "node:util";
import type { ListVoicesResponse } from "@polyreel/contract";
import { SettingsFile } from "@polyreel/pipeline/settings";
import type { Log } from "@polyreel/platform/runtime";
import { CommandEngine } from "./command/command.js";
import { EngineVoices, type ListingOptions } from "./engine-voices.js";
import { Engines, LOCAL } from "./engines.js";
import { type OpenOptions, openProvider, openTranscriber } from "./provider/open-provider.js";
import { type ProviderSettings, providersFormat } from "./provider/provider-settings.js";
import type { Transcriber } from "./provider/transcriber.js";
import type { VoicesConfig } from "./voices-config.js";

interface Options {
  readonly log: Log;
  readonly listing?: ListingOptions;
  readonly providers?: OpenOptions;
}

interface Provider {
  readonly settings: ProviderSettings;
  readonly voices: EngineVoices;
  readonly transcriber: Transcriber | undefined;
}

/** The engines of this machine, and each tenant's providers. Providers with unchanged settings stay open when the file is replaced. */
export class ConfiguredEngines {
  readonly #local: readonly EngineVoices[];
  #providers: ReadonlyMap<string, Provider> = new Map();

  private constructor(
    private readonly file: Pick<SettingsFile<ProviderSettings>, "current">,
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
    return new ConfiguredEngines(await SettingsFile.open(voicesFile, providersFormat, log), voiceCommand, options);
  }

  /** Those that a tenant may use. */
  async of(tenant: string): Promise<Engines> {
    const own = await this.#providersOf(tenant);
    return new Engines([...this.#local, ...own.map(({ voices }) => voices)]);
  }

  /** A tenant's voices, and the build of what finds the words of its recordings. See `Engines.list`. */
  async list(tenant: string): Promise<ListVoicesResponse> {
    const listing = await (await this.of(tenant)).list();
    listing.transcriber = (await this.transcriberOf(tenant))?.build ?? "";
    return listing;
  }

  /** What finds the words of a tenant's recordings; undefined: nothing does. */
  async transcriberOf(tenant: string): Promise<Transcriber | undefined> {
    return (await this.#providersOf(tenant)).find(({ transcriber }) => transcriber)?.transcriber;
  }

  async #providersOf(tenant: string): Promise<Provider[]> {
    const providers = [...(await this.#current()).values()];
    return providers.filter(({ settings: { tenants } }) => tenants === undefined || tenants.includes(tenant));
  }

  /** The settings of a provider; undefined for other engines. */
  async settingsOf(engine: string): Promise<ProviderSettings | undefined> {
    return (await this.#current()).get(engine)?.settings;
  }

  async #current(): Promise<ReadonlyMap<string, Provider>> {
    const { listing = {}, providers } = this.options;
    const before = this.#providers;
    const opened = [...(await this.file.current())].map(([name, settings]): [string, Provider] => {
      const known = before.get(name);
      if (known && isDeepStrictEqual(known.settings, settings)) return [name, known];
      const voices = new EngineVoices(openProvider(settings, providers), listing);
      return [name, { settings, voices, transcriber: openTranscriber(settings, providers) }];
    });
    this.#providers = new Map(opened);
    return this.#providers;
  }
}
