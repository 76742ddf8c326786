import { isDeepStrictEqual } from "node:util";
import type { ListVoicesResponse } from "@polyreel/contract";
import { SettingsFile } from "@polyreel/pipeline/settings";
import type { Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { CommandEngine } from "./command/command.js";
import { EngineVoices, type ListingOptions } from "./engine-voices.js";
import { Engines, LOCAL } from "./engines.js";
import { PiperEngine } from "./piper/piper.js";
import { type OpenOptions, openProvider, openTranscriber } from "./provider/open-provider.js";
import type { ProviderSettings } from "./provider/provider-settings.js";
import type { Transcriber } from "./provider/transcriber.js";
import type { SpeechEngine } from "./speech-engine.js";
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
  readonly transcriber: Transcriber | undefined;
}

/**
 * The engines of this machine, Piper preferred, and each tenant's providers and lexicons. Providers with unchanged settings stay open
 * when the file is replaced.
 */
export class ConfiguredEngines implements Running {
  readonly #local: readonly EngineVoices[];
  #providers: ReadonlyMap<string, Provider> = new Map();

  private constructor(
    private readonly file: Pick<SettingsFile<VoicesEntry>, "current">,
    { voiceCommand: command, piperFolder }: VoicesConfig,
    private readonly options: Omit<Options, "log">,
  ) {
    const engines: readonly SpeechEngine[] = [
      ...[new PiperEngine(piperFolder), ...LOCAL],
      ...(command.length > 0 ? [new CommandEngine(command)] : []),
    ];
    this.#local = engines.map((engine) => new EngineVoices(engine, options.listing ?? {}));
  }

  /** Throws PolyreelError `invalid` if the file of providers is not right. */
  static async open(config: VoicesConfig, { log, ...options }: Options): Promise<ConfiguredEngines> {
    return new ConfiguredEngines(await SettingsFile.open(config.voicesFile, voicesFormat, log), config, options);
  }

  /** Those that a tenant may use. */
  async of(tenant: string): Promise<Engines> {
    const own = await this.#providersOf(tenant);
    const lexicons = [...(await this.file.current()).values()].flatMap((entry) =>
      entry.type === "lexicon" && isFor(tenant, entry) ? [entry.lexicon] : [],
    );
    return new Engines([...this.#local, ...own.map(({ voices }) => voices)], { lexicons });
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
    return providers.filter(({ settings }) => isFor(tenant, settings));
  }

  /** The settings of a provider; undefined for other engines. */
  async settingsOf(engine: string): Promise<ProviderSettings | undefined> {
    return (await this.#current()).get(engine)?.settings;
  }

  /** Ends programs that engines keep for later lines. */
  async close(): Promise<void> {
    await Promise.all(this.#local.map(({ engine }) => engine.close?.()));
  }

  async #current(): Promise<ReadonlyMap<string, Provider>> {
    const { listing = {}, providers } = this.options;
    const before = this.#providers;
    const opened = [...(await this.file.current())].flatMap(([name, settings]): [string, Provider][] => {
      if (settings.type === "lexicon") return [];
      const known = before.get(name);
      if (known && isDeepStrictEqual(known.settings, settings)) return [[name, known]];
      const voices = new EngineVoices(openProvider(settings, providers), listing);
      return [[name, { settings, voices, transcriber: openTranscriber(settings, providers) }]];
    });
    this.#providers = new Map(opened);
    return this.#providers;
  }
}

const isFor = (tenant: string, { tenants }: Pick<VoicesEntry, "tenants">): boolean =>
  tenants === undefined || tenants.includes(tenant);
