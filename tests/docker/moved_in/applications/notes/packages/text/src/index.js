// What all packages do with text.
import slugify from 'slugify';

/** The name of a note in its address. */
export function address(title) {
  return slugify(title, { lower: true, strict: true });
}
