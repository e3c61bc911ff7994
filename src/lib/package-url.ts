/** The address of a file or a folder of the package. The build keeps this file as deep as it is: see `rolldown.config.ts`. */
export function packageUrl(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}
