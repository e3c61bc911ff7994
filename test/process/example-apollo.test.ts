import { describeExampleApp } from '../support/describe-example-app.ts';

describeExampleApp('react-apollo');
