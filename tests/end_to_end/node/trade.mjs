// A member's program in Node: knows the network only from `hansa env ORG` and `hansa profile ORG`.
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.NODE_PACKAGES, 'package.json'));
const grpc = require('@grpc/grpc-js');
const { connect, hash, signers } = require('@hyperledger/fabric-gateway');

const profile = JSON.parse(readFileSync(0, 'utf8'));
const organization = profile.organizations[profile.client.organization];
const peer = profile.peers[organization.peers[0]];
const onlyFile = (folder) => readFileSync(join(folder, readdirSync(folder)[0]));
const client = new grpc.Client(
    peer.url.replace('grpcs://', ''),
    grpc.credentials.createSsl(Buffer.from(peer.tlsCACerts.pem)),
    { 'grpc.ssl_target_name_override': peer.grpcOptions['ssl-target-name-override'] },
);
const msp = process.env.CORE_PEER_MSPCONFIGPATH;
const gateway = connect({
    client,
    identity: { mspId: organization.mspid, credentials: onlyFile(join(msp, 'signcerts')) },
    signer: signers.newPrivateKeySigner(createPrivateKey(onlyFile(join(msp, 'keystore')))),
    hash: hash.sha256,
});
const text = (bytes) => Buffer.from(bytes).toString();
const found = {};
try {
    const network = gateway.getNetwork(process.env.CHANNEL_NAME);
    const contract = network.getContract(process.env.CHAINCODE_NAME);
    const events = await network.getChaincodeEvents(process.env.CHAINCODE_NAME);
    const product = { id: process.argv[2], gtin: process.argv[3], name: 'Sold from Node' };
    found.reply = JSON.parse(text(await contract.submitTransaction('products:Register', JSON.stringify(product))));
    for await (const event of events) {
        found.event = [event.eventName, JSON.parse(text(event.payload)).events[0].type];
        break;
    }
    events.close();
    const question = JSON.stringify({ gtin: process.argv[3] });
    found.answer = JSON.parse(text(await contract.evaluateTransaction('products:Get', question)));
    try {
        await contract.submitTransaction('products:Register', JSON.stringify({ ...product, gtin: '1' }));
    } catch (error) {
        found.refusal = error.details[0].message;
    }
} finally {
    gateway.close();
    client.close();
}
console.log(JSON.stringify(found));
