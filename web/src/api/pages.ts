interface Page<Item> {
  items: Item[];
  nextPageToken: string;
}

/** What a list is asked with. */
export interface PageQuery {
  pageSize: number;
  pageToken?: string;
}

const kLargestPage = 1000;

/** Every page of a list that people want to see whole. */
export async function allItems<Item>(page: (query: PageQuery) => Promise<Page<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  let pageToken: string | undefined;
  do {
    const found = await page({ pageSize: kLargestPage, pageToken });
    all.push(...found.items);
    pageToken = found.nextPageToken || undefined;
  } while (pageToken);
  return all;
}
