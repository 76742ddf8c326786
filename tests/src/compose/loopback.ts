interface Places {
  /** Ports on loopback, by the names that containers have for each other. */
  readonly ports: Readonly<Record<string, number>>;
  /** Folders by the places where containers mount volumes. */
  readonly folders: Readonly<Record<string, string>>;
}

/** The environment of a container for a process of this machine: other addresses and folders, nothing else. */
export function loopback(environment: Readonly<Record<string, string>>, { ports, folders }: Places) {
  const placed = (value: string): string => {
    const folder = Object.keys(folders).find((one) => value === one || value.startsWith(`${one}/`));
    if (folder) return `${folders[folder]}${value.slice(folder.length)}`;
    if (value === "0.0.0.0") return "127.0.0.1";
    return value.replace(/(?<=^\w+:\/\/(?:[^/@]*@)?)([a-z][\w-]*):\d+(?=\/|$)/, (_, host: string) => {
      if (!(host in ports)) throw new Error(`No server of this machine stands for ${host}.`);
      return `127.0.0.1:${ports[host]}`;
    });
  };
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, placed(value)]));
}
