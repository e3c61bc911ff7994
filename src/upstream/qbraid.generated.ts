// Generated from openapi/qbraid.yaml by `npm run generate`: do not edit.

export interface paths {
    "/jobs/{job_qrn}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one job */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the jobs of the caller, page by page
         * @description The order is not documented; newest first is what to expect.
         */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        GetJobResponse: {
            success: boolean;
            data: components["schemas"]["RuntimeJob"];
        };
        ListJobsResponse: {
            success: boolean;
            data: components["schemas"]["RuntimeJob"][];
            pagination: components["schemas"]["Pagination"];
            meta: {
                /**
                 * Format: date-time
                 * @description When the service answered.
                 */
                timestamp: string;
            };
        };
        Pagination: {
            page: number;
            limit: number;
            /** @description How many jobs match the filter, over all pages. */
            total: number;
            totalPages: number;
            hasNext: boolean;
            hasPrev: boolean;
        };
        /** @description One job. The live service may send internal fields besides (`organizationUserId`, `deviceId`, `providerId`, `gcsDestination`), which are nobody's business. */
        RuntimeJob: {
            /** @description The resource name of the job, such as `qbraid:job:abc123xyz`. */
            jobQrn: string;
            /** @description What the author called the job. */
            name?: string | null;
            /** @description How often the program runs. Documented as positive; 0 and null have been seen. */
            shots: number | null;
            /** @description How many circuits the job holds. Live service only. */
            numCircuits?: number;
            /** @description The resource name of the device, as `vendor:provider:sim|qpu:name`. */
            deviceQrn: string;
            device?: components["schemas"]["Device"];
            /** @description Who sells the device time. */
            vendor: components["schemas"]["Vendor"] | string;
            /** @description Who runs the device. */
            provider: components["schemas"]["Provider"] | string;
            /** @description What kind of program the job runs, such as `gate_model`. */
            experimentType: string;
            /** @description Labels from the author. */
            tags?: {
                [key: string]: components["schemas"]["TagValue"];
            };
            /** @description Options from the submission. */
            runtimeOptions?: {
                [key: string]: unknown;
            };
            /** @description Whatever else was recorded. */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description The resource name of the batch that the job is a part of. */
            batchJobQrn?: string | null;
            /** @description The newer name of `batchJobQrn`. Live service only. */
            groupJobQrn?: string | null;
            /** @description Where the job stands. */
            status: components["schemas"]["JobStatus"] | string;
            /** @description What there is to say about the status. */
            statusMsg?: string | null;
            /** @description How many jobs stand in front of this one. */
            queuePosition?: number | null;
            timeStamps?: components["schemas"]["TimeStamps"] | null;
            /**
             * Format: date-time
             * @description When the job was created. Live service only; unlike `timeStamps.createdAt`, it does not move.
             */
            createdAt?: string;
            /**
             * Format: date-time
             * @description When the job last changed. Live service only.
             */
            updatedAt?: string;
            /** @description What is set aside at submission, in credits (100 credits = 1 US dollar). */
            estimatedCost: number | null;
            /** @description What the job did cost, in credits. Written when it ends; 0 if it failed or was cancelled. */
            cost?: number | null;
        };
        TimeStamps: {
            /**
             * Format: date-time
             * @description When the job was created. Moves while a job of the live service runs.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the job ended.
             */
            endedAt?: string | null;
            /** @description How long the job ran, in milliseconds. */
            executionDuration?: number | null;
        };
        /** @description The device of a job. Live service only. */
        Device: {
            qrn?: string;
            name?: string;
            deviceType?: string;
            vendor?: string;
            status?: string;
        };
        TagValue: string | number | boolean;
        /**
         * @description The documented statuses. COMPLETED, FAILED and CANCELLED are terminal; HOLD does not change by waiting.
         * @enum {string}
         */
        JobStatus: "INITIALIZING" | "QUEUED" | "VALIDATING" | "RUNNING" | "CANCELLING" | "CANCELLED" | "COMPLETED" | "FAILED" | "UNKNOWN" | "HOLD";
        /**
         * @description The documented vendors.
         * @enum {string}
         */
        Vendor: "aws" | "azure" | "ibm" | "ionq" | "qbraid";
        /**
         * @description The documented providers.
         * @enum {string}
         */
        Provider: "aqt" | "aws" | "azure" | "equal1" | "ibm" | "iqm" | "ionq" | "nec" | "oqc" | "pasqal" | "quantinuum" | "quera" | "rigetti" | "qbraid";
        Error: components["schemas"]["DetailError"] | components["schemas"]["EnvelopeError"];
        /** @description An error, as documented. */
        DetailError: {
            detail: string;
        };
        /** @description Refused parameters, as documented. */
        ValidationError: {
            detail: components["schemas"]["ValidationFault"][];
        };
        ValidationFault: {
            /** @description The way to the value, such as `[query, limit]`. */
            loc: (string | number)[];
            /** @description What is wrong, for people. */
            msg: string;
            /** @description What is wrong, for programs. */
            type: string;
        };
        /** @description An error, as the live service sends it. A 401 carries more in `error` than is named here: the surroundings of its authentication, which are not for clients. */
        EnvelopeError: {
            /** @constant */
            success: false;
            message: string;
            error: {
                message: string;
                /** @description Such as `NOT_FOUND`, `INVALID_API_KEY_FORMAT`, `INVALID_API_KEY` or `NO_VALID_AUTHENTICATION`. */
                code: string;
                /** @description What the service's support asks for. */
                requestId?: string;
            };
        };
    };
    responses: {
        /** @description No key was sent, or the service does not know it. */
        Unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A parameter is out of its range. */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ValidationError"] | components["schemas"]["EnvelopeError"];
            };
        };
        /** @description The user's requests are spent. Neither this body nor `Retry-After` is documented. */
        RateLimited: {
            headers: {
                /** @description In how many seconds to try again. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource name of the job. */
                job_qrn: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GetJobResponse"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            /** @description The job belongs to somebody else. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No job has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description Only jobs of this vendor; `all` does not narrow the list. */
                vendor?: components["schemas"]["Vendor"] | "all";
                /** @description Only jobs of this provider. */
                provider?: string;
                /** @description Only jobs under way (`pending`) or only ended ones (`returned`); `all` does not narrow the list. */
                statusGroup?: "all" | "pending" | "returned";
                /** @description Only jobs with this status. Makes `statusGroup` meaningless. */
                status?: components["schemas"]["JobStatus"];
                /** @description Only jobs that match this keyword. */
                search?: string;
                /** @description Only jobs with all of these tags: a JSON object, as text. */
                tags?: string;
                /** @description Which page to read, counted from 1. */
                page?: number;
                /** @description How many jobs one page holds. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListJobsResponse"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
        };
    };
}
