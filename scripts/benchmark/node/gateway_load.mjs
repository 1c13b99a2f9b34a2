// The load of gateway_load.py by Fabric's own gateway client for Node: the same settings, the same document.
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = JSON.parse(process.argv[2]);
const require = createRequire(join(load.modules, 'package.json'));
const grpc = require('@grpc/grpc-js');
const { connect, hash, signers } = require('@hyperledger/fabric-gateway');
const { gateway: questions, msp } = require('@hyperledger/fabric-protos');

const onlyFile = (folder) => readFileSync(join(folder, readdirSync(folder)[0]));
const certificate = onlyFile(join(load.msp, 'signcerts'));
const client = new grpc.Client(load.address, grpc.credentials.createSsl(readFileSync(load.tls_root)));
const within = (seconds) => () => ({ deadline: Date.now() + 1000 * (load.timeout ?? seconds) });
const gateway = connect({
    client,
    identity: { mspId: load.msp_id, credentials: certificate },
    signer: signers.newPrivateKeySigner(createPrivateKey(onlyFile(join(load.msp, 'keystore')))),
    hash: hash.sha256,
    evaluateOptions: within(5),
    endorseOptions: within(15),
    submitOptions: within(5),
    commitStatusOptions: within(60),
});
const contract = gateway.getNetwork(load.channel).getContract(load.chaincode);
let settled = 0;

// Any error of a submit is an unknown outcome until the commit status says otherwise.
async function submit(name) {
    try {
        await contract.submitTransaction(load.function, name);
    } catch (error) {
        if (!['SubmitError', 'CommitStatusError'].includes(error.name)) {
            throw error;
        }
        const identity = new msp.SerializedIdentity();
        identity.setMspid(load.msp_id);
        identity.setIdBytes(certificate);
        const question = new questions.CommitStatusRequest();
        question.setChannelId(load.channel);
        question.setTransactionId(error.transactionId);
        question.setIdentity(identity.serializeBinary());
        const signed = new questions.SignedCommitStatusRequest();
        signed.setRequest(question.serializeBinary());
        const status = await gateway.newCommit(signed.serializeBinary()).getStatus();
        if (!status.successful) {
            throw error;
        }
        settled++;
    }
}

const act = load.evaluate ? (name) => contract.evaluateTransaction(load.function, name) : submit;

async function many(prefix, count) {
    const latencies = [];
    const failures = [];
    let next = 0;
    const oneAfterAnother = async () => {
        while (next < count) {
            const begun = performance.now();
            try {
                await act(`${prefix}${next++}`);
                latencies.push(performance.now() - begun);
            } catch (error) {
                failures.push(String(error));
            }
        }
    };
    await Promise.all(Array.from({ length: load.in_flight }, oneAfterAnother));
    return { latencies, failures };
}

try {
    await many(`${load.prefix}w`, load.warm_up);
    settled = 0;
    const begun = performance.now();
    const used = process.cpuUsage();
    const { latencies, failures } = await many(load.prefix, load.count);
    const cpu = process.cpuUsage(used);
    console.log(JSON.stringify({
        seconds: (performance.now() - begun) / 1000,
        cpu_seconds: (cpu.user + cpu.system) / 1e6,
        committed: latencies.length,
        settled,
        failed: failures.length,
        first_failure: failures[0] ?? null,
        latencies_ms: latencies.map((each) => Math.round(100 * each) / 100).sort((a, b) => a - b),
    }));
} finally {
    gateway.close();
    client.close();
}
