/** What the page that draws a document tells the page around it. */
export type DocumentMessage =
  | { readonly state: 'ready' }
  | { readonly state: 'shown'; readonly pages: number; readonly drawn: number }
  | { readonly state: 'failed' };

export const isDocumentMessage = (data: unknown): data is DocumentMessage =>
  typeof data === 'object' && data !== null && 'state' in data;
