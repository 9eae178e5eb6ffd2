import { builtinModules } from 'node:module'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const tests = ['**/*.test.ts', '**/*.test-d.ts', 'e2e/**', '**/src/**/conformance{.ts,/**}']
const tooling = ['*.{js,ts}', '.*.js', 'scripts/**', 'bench/**', 'faults/**', 'examples/**']

const bareBuiltins = builtinModules
  .filter((name) => !/^(?:node:|_)/.test(name))
  .map((name) => ({ name, message: `Write 'node:${name}'.` }))

const environment = 'Only config.ts reads the environment.'

/** @type {import('eslint').Linter.RulesRecord} */
const shape = {
  'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  '@typescript-eslint/max-params': ['error', { max: 3 }],
  eqeqeq: 'error',
  'no-restricted-imports': [
    'error',
    {
      paths: [
        ...bareBuiltins,
        { name: 'node:process', importNames: ['env'], message: environment },
      ],
    },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: environment },
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
      message: 'Export by name.',
    },
  ],
}

/** @type {import('eslint').Linter.RulesRecord} */
const types = {
  // There are no enums: `erasableSyntaxOnly` refuses them.
  '@typescript-eslint/no-unsafe-enum-assignment': 'off',
  '@typescript-eslint/consistent-type-imports': 'error',
  // A written `default` is a decision; a forgotten case is not.
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true },
  ],
  // What JSON and messages are made of: numbers and booleans print as expected.
  '@typescript-eslint/restrict-template-expressions': [
    'error',
    { allowNumber: true, allowBoolean: true },
  ],
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  '@typescript-eslint/no-unnecessary-condition': [
    'error',
    { allowConstantLoopConditions: 'only-allowed-literals' },
  ],
  // An empty string means "unset" in the environment, so `||` is often what is meant.
  '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
  // The only way to hand ambient declarations on to the packages that import a file.
  '@typescript-eslint/triple-slash-reference': ['error', { path: 'always' }],
  // `type` and `interface` differ in what they promise (index signatures): the author chooses.
  '@typescript-eslint/consistent-type-definitions': 'off',
  '@typescript-eslint/no-empty-function': 'off',
  // A handler may return nothing, and types must be able to say so.
  '@typescript-eslint/no-invalid-void-type': 'off',
  // An async method without await still turns a throw into a rejection: interfaces rely on it.
  '@typescript-eslint/require-await': 'off',
}

export default defineConfig(
  // The gallery shows types that nobody should write.
  globalIgnores([
    '**/dist/',
    '**/build/',
    '**/.asya/',
    '**/coverage/',
    '**/generated/',
    'packages/compiler/gallery/',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: types,
  },
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.recommended] },
  { files: ['**/*.{ts,tsx,js,mjs}'], rules: shape },
  { files: ['**/config.ts', ...tests, ...tooling], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['*.{js,ts}', '.*.js', 'scripts/*-reporter.mjs', '**/*.config.ts', '**/*.d.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: tests,
    rules: {
      'max-lines': ['error', { max: 800, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      '@typescript-eslint/max-params': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
)
