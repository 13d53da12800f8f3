/** What the service knows. */
export interface Article {
  readonly title: string;
  readonly text: string;
}

export const ARTICLES: readonly Article[] = [
  {
    title: 'Tides',
    text: 'Tides come from the pull of the moon and, less, of the sun.',
  },
  {
    title: 'Seasons',
    text: 'Seasons come from the tilt of the axis of the earth.',
  },
];
