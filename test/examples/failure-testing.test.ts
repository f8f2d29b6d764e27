// The example is its own test.
import '../../examples/03-failure-testing/bugs.test.ts';
