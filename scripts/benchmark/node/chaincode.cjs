// The compared operations on Fabric's shim for Node; `node chaincode.cjs MODULES` serves them.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const shim = createRequire(join(process.argv[2], 'package.json'))('fabric-shim');
const KEYS = 4;
const VALUE = Buffer.alloc(100, 'x');

const operations = {
    async Init() {
        return shim.success();
    },
    async Invoke(stub) {
        const { fcn, params } = stub.getFunctionAndParameters();
        const keys = Array.from({ length: KEYS }, (_, number) => `${params[0]}/${number}`);
        if (fcn === 'each') {
            for (const key of keys) {
                await stub.getState(key);
            }
            for (const key of keys) {
                await stub.putState(key, VALUE);
            }
        } else if (fcn !== 'nothing') {
            return shim.error(Buffer.from(`there is no function ${fcn}`));
        }
        return shim.success();
    },
};

shim.server(operations, {
    ccid: process.env.CHAINCODE_ID,
    address: process.env.CHAINCODE_SERVER_ADDRESS,
}).start();
