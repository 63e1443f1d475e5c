// The style of this application.
module.exports = [
  { ignores: ['scripts/', 'src/service/'] },
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { console: false, process: false } },
    rules: { 'no-unused-vars': 'error', 'prefer-const': 'error' },
  },
  { files: ['public/*.js'], languageOptions: { globals: { document: false, fetch: false } } },
  {
    files: ['test/*.js'],
    languageOptions: {
      globals: { after: false, before: false, describe: false, fetch: false, it: false },
    },
  },
];
