// Submits, evaluates and receives events with Fabric's own gateway client for Node. Prints one JSON document.
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const settings = JSON.parse(process.argv[2]);
const require = createRequire(join(settings.modules, 'package.json'));
const grpc = require('@grpc/grpc-js');
const { connect, hash, signers } = require('@hyperledger/fabric-gateway');

const onlyFile = (folder) => readFileSync(join(folder, readdirSync(folder)[0]));
const root = readFileSync(settings.tlsRoot);
const options = { 'grpc.ssl_target_name_override': 'localhost' };
const client = new grpc.Client(settings.address, grpc.credentials.createSsl(root), options);
const gateway = connect({
    client,
    identity: { mspId: settings.mspId, credentials: onlyFile(join(settings.msp, 'signcerts')) },
    signer: signers.newPrivateKeySigner(createPrivateKey(onlyFile(join(settings.msp, 'keystore')))),
    hash: hash.sha256,
});
const text = (bytes) => Buffer.from(bytes).toString();
const found = {};
try {
    const network = gateway.getNetwork(settings.channel);
    const contract = network.getContract(settings.chaincode);
    const events = await network.getChaincodeEvents(settings.chaincode);
    const commit = await contract.submitAsync('event', { arguments: ['happened', 'payload', 'node/1'] });
    const status = await commit.getStatus();
    found.successful = status.successful;
    found.block = Number(status.blockNumber);
    for await (const event of events) {
        found.event = [event.eventName, text(event.payload), Number(event.blockNumber), event.transactionId];
        break;
    }
    events.close();
    found.transaction = commit.getTransactionId();
    found.value = text(await contract.evaluateTransaction('get', 'node/1'));
    try {
        await contract.submitTransaction('refuse', '500', '{"code":"ORDER_NOT_FOUND"}');
    } catch (error) {
        found.refusal = { name: error.name, code: error.code, details: error.details };
    }
    const blocks = await network.getFilteredBlockEvents({ startBlock: BigInt(found.block) });
    for await (const block of blocks) {
        found.filtered = block.getFilteredTransactionsList().map((each) => each.getTxid());
        break;
    }
    blocks.close();
    const whole = await network.getBlockEvents({ startBlock: 0n });
    for await (const block of whole) {
        found.first = block.getHeader().getNumber();
        break;
    }
    whole.close();
} finally {
    gateway.close();
    client.close();
}
console.log(JSON.stringify(found));
